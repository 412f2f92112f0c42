import type { Readable } from '../lib/readable';
import type { ConnectionState } from './room-connection';

/**
 * steady is a connection's state for all who need not know whether a live one has saved: that
 * changes twice for each key, and what shows it looks for itself.
 */
export function steady(connection: Readable<ConnectionState>): Readable<ConnectionState> {
  let last = connection.getSnapshot();
  return {
    subscribe: connection.subscribe,
    getSnapshot: () => {
      const now = connection.getSnapshot();
      if (now.status !== 'live' || last.status !== 'live') last = now;
      return last;
    },
  };
}
