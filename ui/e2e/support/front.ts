import { createServer, request } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import type { Server } from './server';

/**
 * A proxy before a server, as most have one. It can say that the service worker of the page is
 * another one, as it is after the server has been updated.
 */
export class Front {
  readonly origin: string;
  updated = false;
  readonly #close: () => void;

  private constructor(port: number, close: () => void) {
    this.origin = `http://127.0.0.1:${port}`;
    this.#close = close;
  }

  static async before(server: Server): Promise<Front> {
    const { hostname, port } = new URL(server.origin);
    const proxy = createServer((asked, answer) => {
      const worker = front.updated && asked.url === '/sw.js';
      const headers = { ...asked.headers };
      // Whole and as it is, for something is added to it.
      if (worker) Object.assign(headers, { 'accept-encoding': 'identity', 'if-none-match': '' });
      const onward = request({ hostname, port, method: asked.method, path: asked.url, headers }, (got) => {
        const changed = ['content-length', 'etag'];
        const kept = Object.entries(got.headers).filter(([name]) => !worker || !changed.includes(name));
        answer.writeHead(got.statusCode ?? 502, Object.fromEntries(kept));
        got.on('end', () => answer.end(worker ? '\n// another version\n' : undefined));
        got.pipe(answer, { end: false });
      });
      onward.on('error', () => answer.destroy());
      asked.pipe(onward);
    });
    proxy.on('upgrade', (asked, socket, head) => {
      const onward = connect(Number(port), hostname, () => {
        const { rawHeaders } = asked;
        const lines = rawHeaders.flatMap((name, i) => (i % 2 === 0 ? [`${name}: ${rawHeaders[i + 1]}`] : []));
        onward.write(`GET ${asked.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
        onward.write(head);
        onward.pipe(socket).pipe(onward);
      });
      for (const side of [onward, socket])
        side.on('error', () => [onward, socket].forEach((s) => s.destroy()));
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const front = new Front((proxy.address() as AddressInfo).port, () => {
      proxy.closeAllConnections();
      proxy.close();
    });
    return front;
  }

  close(): void {
    this.#close();
  }
}
