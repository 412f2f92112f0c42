import { useEffect } from 'react';
import { useReadable } from '../../lib/use-readable';
import type { Room } from '../../sync/room';

/**
 * useUnsavedWarning has the browser ask before it closes a page that would lose something: changes
 * that neither the server nor this device has stored, or refused words that are still shown.
 */
export function useUnsavedWarning(room: Room, lost: boolean): void {
  const connection = useReadable(room.connection);
  const kept = useReadable(room.connection.outbox) === 'kept';
  const unsaved = (connection.status === 'live' || connection.status === 'offline') && !connection.saved;
  const endangered = (unsaved && !kept) || lost;
  useEffect(() => {
    if (!endangered) return undefined;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [endangered]);
}
