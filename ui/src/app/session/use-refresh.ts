import { useEffect, useRef } from 'react';
import type { Readable } from '../../lib/readable';
import { useReadable } from '../../lib/use-readable';
import type { PresentPeople } from '../../sync/presence';
import type { ConnectionState } from '../../sync/room-connection';

/** Watched is a document whose connection and people tell that the record may have changed. */
export interface Watched {
  connection: Readable<ConnectionState>;
  people: Pick<PresentPeople, 'doubts'>;
}

/**
 * Somebody may say something new of themselves a thousand times a second. The server is asked once
 * in this time, in milliseconds.
 */
const PAUSE_MS = 3_000;

/**
 * useRefresh asks for the session's record again when the connection closed or came back: the
 * server closes sockets after a change of status, role or admission. It also asks when people say
 * of themselves what the record does not say.
 */
export function useRefresh(watched: Watched, refresh: () => void): void {
  const { status } = useReadable(watched.connection);
  const doubts = useReadable(watched.people.doubts);
  const last = useRef(-PAUSE_MS);
  useEffect(() => {
    if (status !== 'connecting') refresh();
  }, [status, refresh]);
  useEffect(() => {
    if (doubts === '') return undefined;
    const ask = () => {
      last.current = performance.now();
      refresh();
    };
    const wait = last.current + PAUSE_MS - performance.now();
    const timer = setTimeout(ask, Math.max(0, wait));
    return () => clearTimeout(timer);
  }, [doubts, refresh]);
}
