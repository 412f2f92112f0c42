import { useEffect } from 'react';
import type { Session } from '../../lib/api';
import type { Readable } from '../../lib/readable';
import { useReadable } from '../../lib/use-readable';
import type { PresentPerson } from '../../sync/presence';
import type { ConnectionState } from '../../sync/room-connection';

/** Watched is a document whose connection and people tell that the record may have changed. */
export interface Watched {
  connection: Readable<ConnectionState>;
  people: Readable<readonly PresentPerson[]>;
}

/**
 * useRefresh asks for the session's record again when the connection closed or came back: the
 * server closes sockets after a change of status, role or admission. It also asks when a person
 * appears who is not in the record or has another role there.
 */
export function useRefresh(watched: Watched, session: Session | null, refresh: () => void): void {
  const { status } = useReadable(watched.connection);
  const people = useReadable(watched.people);
  const strangers = people
    .filter(({ id, role }) => !session?.participants.some((known) => known.id === id && known.role === role))
    .map(({ id, role }) => `${id} ${role}`)
    .join();
  useEffect(() => {
    if (status !== 'connecting') refresh();
  }, [status, strangers, refresh]);
}
