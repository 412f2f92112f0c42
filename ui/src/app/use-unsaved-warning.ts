import { useEffect } from 'react';
import type { ConnectionState } from '../sync/room-connection';

/** useUnsavedWarning lets the browser ask before it closes a page with changes that the server has not stored. */
export function useUnsavedWarning(connection: ConnectionState): void {
  const unsaved = (connection.status === 'live' || connection.status === 'offline') && !connection.saved;
  useEffect(() => {
    if (!unsaved) return undefined;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [unsaved]);
}
