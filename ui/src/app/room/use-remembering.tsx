import { useCallback, useEffect, useState, type ReactNode } from 'react';
import { lazily } from '../../components/lazily';
import type { Room } from '../../sync/room';
import type { SessionRecord } from '../session/use-session-record';

const { Component: MarkDialog } = lazily(async () => (await import('./top/mark-dialog')).MarkDialog);

/** Loaded when it is used. */
const loadApi = () => import('../../lib/replay-api');

/** Minutes of a quiet time. */
const QUIET_MINUTES = 5;

/** Remembering is what people do during the interview for the replay. null: not theirs to do. */
export interface Remembering {
  mark: (() => void) | null;
  quiet: (() => Promise<void>) | null;
  dialog: ReactNode;
}

/** useRemembering gives interviewers marks, and them and candidates quiet time. */
export function useRemembering(room: Room, { session, saved, refresh }: SessionRecord): Remembering {
  const [marking, setMarking] = useState(false);
  const { id, token, participant } = saved;
  const runs = session?.status === 'active' && token !== '';
  const marks = runs && participant.role === 'interviewer' && session.record !== 'nothing';
  useEffect(() => {
    if (!marks) return undefined;
    const press = (event: KeyboardEvent) => {
      if (!event.ctrlKey || !event.altKey || event.code !== 'KeyM') return;
      event.preventDefault();
      setMarking(true);
    };
    window.addEventListener('keydown', press, true);
    return () => window.removeEventListener('keydown', press, true);
  }, [marks]);
  const quiet = useCallback(async () => {
    await (await loadApi()).startQuiet({ id, token }, QUIET_MINUTES);
    room.changedRecord();
    refresh();
  }, [room, id, token, refresh]);
  return {
    mark: marks ? () => setMarking(true) : null,
    quiet: runs && participant.role !== 'observer' && !session.quiet ? quiet : null,
    dialog: marks && marking && (
      <MarkDialog
        onMark={async (text) => (await loadApi()).setMark({ id, token }, text)}
        onClose={() => setMarking(false)}
      />
    ),
  };
}
