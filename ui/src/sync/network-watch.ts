import type { RoomConnection } from './room-connection';

/**
 * watchNetwork turns what the browser notices (network back or gone, page visible again) into an
 * early check, and the page's end into a last write to the device. The browser's word is only a
 * hint: a server on this very machine answers without any network.
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
