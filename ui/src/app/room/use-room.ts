import { useCallback, useEffect, useRef } from 'react';
import type { SavedSession } from '../../lib/saved-sessions';
import { Room } from '../../sync/room';
import { useReopened, type Reopened } from '../session/use-reopened';

/**
 * useRoom opens the room of a session. The room stays open when this person's name, colour or role
 * changes.
 */
export function useRoom({ id, participant, token }: SavedSession): Reopened<Room> {
  const person = useRef(participant);
  useEffect(() => {
    person.current = participant;
  });
  const open = useCallback(
    () => new Room({ sessionId: id, participant: person.current, token: token || null }),
    [id, token],
  );
  const reopened = useReopened(open);
  const { room } = reopened;
  useEffect(() => {
    if (room && room.self !== participant) room.became(participant);
  }, [room, participant]);
  return reopened;
}
