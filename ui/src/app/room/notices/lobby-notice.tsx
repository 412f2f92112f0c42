import { Button } from '@mantine/core';
import { DoorOpen } from 'lucide-react';
import { useRef, useState } from 'react';
import { useFocusAfter } from '../../../components/use-focus-after';
import { LobbyList, type WaitingPerson } from '../../../features/people/lobby-list';
import type { Session } from '../../../lib/api';
import { problemOfError } from '../../../lib/problem-kind';
import { TEXTS } from '../../../lib/texts';
import { useReadable } from '../../../lib/use-readable';
import type { SideRoom } from '../../../sync/side-room';
import classes from './lobby-notice.module.css';
import type { Leading } from '../use-leading';
import { useRefresh } from '../../session/use-refresh';

export interface LobbyNoticeProps {
  session: Session;
  lobby: SideRoom;
  leading: Leading;
  refresh: () => void;
}

const T = TEXTS.session;

/**
 * LobbyNotice tells an interviewer who waits. It is a line under the bar, shown until the session
 * has started and while somebody waits.
 */
export function LobbyNotice({ session, lobby, leading, refresh }: LobbyNoticeProps) {
  const present = useReadable(lobby.people);
  useRefresh(lobby, refresh);
  const waiting: WaitingPerson[] = session.participants
    .filter((person) => person.waiting)
    .map((person) => ({ ...person, here: present.some(({ id }) => id === person.id) }));
  const place = useRef<HTMLDivElement>(null);
  const prepared = session.status === 'waiting';
  return (
    <div ref={place} tabIndex={-1} className={classes.place}>
      {(prepared || waiting.length > 0) && (
        <section className={classes.notice} aria-label={T.lobby}>
          <div className={classes.words}>
            {prepared && <span className={classes.prepared}>{T.preparing}</span>}
            <span role="status">{waiting.length > 0 ? T.waiting(waiting.length) : T.nobodyWaits}</span>
          </div>
          {prepared && <StartButton onStart={leading.start} hint={T.startHint(waiting.length)} />}
          {waiting.length > 0 && (
            <div className={classes.list}>
              <LobbyList waiting={waiting} admit={leading.admit} refuse={leading.remove} place={place} />
            </div>
          )}
        </section>
      )}
    </div>
  );
}

function StartButton({ onStart, hint }: { onStart: () => Promise<void>; hint: string }) {
  const [attempt, setAttempt] = useState<{ busy: boolean; failure?: string }>({ busy: false });
  const button = useFocusAfter<HTMLButtonElement>();
  const start = () => {
    setAttempt({ busy: true });
    onStart().then(
      () => setAttempt({ busy: false }),
      (error: unknown) => {
        const { title } = TEXTS.problems[problemOfError(error, 'session')];
        setAttempt({ busy: false, failure: T.failed(title) });
      },
    );
  };
  return (
    <>
      {attempt.failure && (
        <span role="alert" className={classes.failure}>
          {attempt.failure}
        </span>
      )}
      <Button
        ref={button}
        size="xs"
        className={classes.start}
        leftSection={<DoorOpen size={15} />}
        title={hint}
        loading={attempt.busy}
        onClick={start}
      >
        {T.start}
      </Button>
    </>
  );
}
