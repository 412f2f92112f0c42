import type { RoomConnection } from './room-connection';

/**
 * watchNetwork checks the connection early when the browser notices something (network back or
 * gone, page visible again), and writes to the device when the page goes away. The browser's events
 * are only hints: a server on the same machine answers without any network.
 */
export function watchNetwork(connection: RoomConnection, target: Window = window): () => void {
  const check = () => {
    if (target.document.visibilityState === 'hidden') return;
    connection.retryNow();
    connection.probe();
  };
  const gone = () => connection.probe();
  const leave = () => connection.outbox.saveNow();
  target.addEventListener('pagehide', leave);
  target.addEventListener('online', check);
  target.addEventListener('offline', gone);
  target.document.addEventListener('visibilitychange', check);
  return () => {
    target.removeEventListener('pagehide', leave);
    target.removeEventListener('online', check);
    target.removeEventListener('offline', gone);
    target.document.removeEventListener('visibilitychange', check);
  };
}
