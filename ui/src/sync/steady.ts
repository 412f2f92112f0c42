import type { Readable } from '../lib/readable';
import type { ConnectionState } from './room-connection';

/**
 * steady is a connection's state without `saved` while it is live. `saved` changes twice for each
 * key, and only the badge that shows it needs it.
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
