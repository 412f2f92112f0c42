import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import { Notice } from '../../../components/notice';
import { useNow } from '../../../components/use-now';
import { endQuiet } from '../../../lib/replay-api';
import { quiet as T } from '../../../lib/texts/quiet';
import type { SessionRecord } from '../../session/use-session-record';

/** The time is drawn a few times a second, so that no second is skipped. */
const STEP_MS = 500;

/** QuietNotice says that others do not see the candidate's typing live, and until when. */
export function QuietNotice({ record }: { record: SessionRecord }) {
  const { session, saved, refresh } = record;
  const now = useNow(STEP_MS);
  const [busy, setBusy] = useState(false);
  const until = Date.parse(session?.quiet?.until ?? '');
  const over = !(until > now);
  useEffect(() => {
    if (over) refresh();
  }, [over, refresh]);
  if (over) return null;
  const own = saved.participant.role === 'candidate';
  const ends = saved.participant.role !== 'observer';
  const end = async () => {
    setBusy(true);
    await endQuiet(saved).catch(() => undefined);
    setBusy(false);
    refresh();
  };
  return (
    <Notice tone="info" text={own ? T.own(until - now) : T.others(timeText(until))}>
      {ends && (
        <Button size="compact-xs" variant="default" loading={busy} onClick={() => void end()}>
          {T.end}
        </Button>
      )}
    </Notice>
  );
}

function timeText(time: number): string {
  return new Intl.DateTimeFormat('en', { timeStyle: 'short' }).format(time);
}
