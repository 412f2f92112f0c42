import { once } from 'node:events';
import { createServer } from 'node:net';

/** A port that browsers refuse. */
const REFUSED = 10_080;

/**
 * freePort finds a port below those of outgoing connections, so that nobody takes it while a server
 * is down.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    if (port === REFUSED) continue;
    const probe = createServer();
    const free = await new Promise<boolean>((resolve) => {
      probe.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!free) continue;
    probe.close();
    await once(probe, 'close');
    return port;
  }
}
