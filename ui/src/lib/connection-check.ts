/** How long a way may take to open before it counts as closed. */
const PATIENCE_MS = 8_000;
const TRIES = 3;

export interface ConnectionCheck {
  /** ws:// or wss:// address of a room; no token is needed. */
  url: string;
  /** Any short request to the server. */
  ask: () => Promise<unknown>;
  /** Given in tests. */
  Socket?: typeof WebSocket;
}

/**
 * checkConnection finds out whether a websocket gets through to the server and back, and gives the
 * time of a short request in milliseconds. Without a token the server accepts the socket and closes
 * it with a code of its own. That code proves that the server was reached: a proxy would close with
 * another one.
 */
export async function checkConnection({ url, ask, Socket = WebSocket }: ConnectionCheck): Promise<number> {
  await reach(new Socket(url));
  let best = Infinity;
  for (let i = 0; i < TRIES; i++) {
    const sent = performance.now();
    await ask();
    best = Math.min(best, performance.now() - sent);
  }
  return Math.max(1, Math.round(best));
}

function reach(socket: WebSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => {
      clearTimeout(timer);
      socket.onmessage = socket.onclose = socket.onerror = null;
      socket.close();
      settle();
    };
    const timer = setTimeout(() => end(() => reject(new Error('nothing came'))), PATIENCE_MS);
    socket.onmessage = () => end(resolve);
    socket.onclose = ({ code }) => end(code >= 4000 ? resolve : () => reject(new Error(`closed: ${code}`)));
    socket.onerror = () => end(() => reject(new Error('refused')));
  });
}
