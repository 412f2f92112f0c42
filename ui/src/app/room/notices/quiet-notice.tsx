import { Button } from '@mantine/core';
import { useEffect, useMemo, useState } from 'react';
import { Notice } from '../../../components/notice';
import { useServerNow } from '../../../features/timer/use-server-now';
import type { Api } from '../../../lib/api';
import { clockText } from '../../../lib/format-time';
import { endQuiet } from '../../../lib/replay-api';
import { ServerClock } from '../../../lib/server-clock';
import { quiet as T } from '../../../lib/texts/quiet';
import type { Room } from '../../../sync/room';
import type { SessionRecord } from '../../session/use-session-record';
import classes from './quiet-notice.module.css';

/** When the time is over, the server is asked this often until it says so too. */
const ASK_MS = 2_000;

export interface QuietNoticeProps {
  api: Api;
  room: Room;
  record: SessionRecord;
}

/** QuietNotice says that others do not see the candidate's typing live, and for how long. */
export function QuietNotice({ api, room, record }: QuietNoticeProps) {
  const { session, saved, refresh } = record;
  const clock = useMemo(() => new ServerClock({ serverTime: () => api.serverTime() }), [api]);
  const now = useServerNow(clock, true);
  const [busy, setBusy] = useState(false);
  const until = Date.parse(session?.quiet?.until ?? '');
  const over = !(until > now);
  useEffect(() => void clock.look(), [clock]);
  useEffect(() => {
    if (!over) return undefined;
    refresh();
    const timer = setInterval(refresh, ASK_MS);
    return () => clearInterval(timer);
  }, [over, refresh]);
  if (over) return null;
  const { id, role } = saved.participant;
  const ends = role === 'interviewer' || session?.quiet?.by === id;
  const end = async () => {
    setBusy(true);
    await endQuiet(saved).then(
      () => room.changedRecord(),
      () => undefined,
    );
    setBusy(false);
    refresh();
  };
  return (
    <Notice tone="info" text={role === 'candidate' ? T.own : T.others}>
      {/* Nobody wants to be told each second, so it is read when it is asked for. */}
      <span role="timer" aria-live="off" className={classes.left}>
        {clockText(Math.ceil((until - now) / 1000) * 1000)}
      </span>
      {ends && (
        <Button size="compact-xs" variant="default" loading={busy} onClick={() => void end()}>
          {T.end}
        </Button>
      )}
    </Notice>
  );
}
