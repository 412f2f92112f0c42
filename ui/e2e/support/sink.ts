import { createServer, type Server as HttpServer } from 'node:http';
import { createServer as createTcp, type AddressInfo, type Server as TcpServer } from 'node:net';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { expect } from 'vitest';
import { sandboxTrouble, type Visitor } from './browser';
import type { Room } from './room';

/** Everything that listens for what gets out, and what has come. */
export class Sink {
  readonly reached: string[] = [];
  private http!: HttpServer;
  private tcp!: TcpServer;
  private udp!: Socket;

  async open(): Promise<void> {
    this.http = createServer((request, response) => {
      this.reached.push(`http ${request.url ?? ''}`);
      response
        .writeHead(200, {
          'access-control-allow-origin': '*',
          'cross-origin-resource-policy': 'cross-origin',
          'content-type': 'text/javascript',
        })
        .end('"out"');
    }).listen(0, '127.0.0.1');
    this.http.on('upgrade', (request, socket) => {
      this.reached.push(`websocket ${request.url ?? ''}`);
      socket.destroy();
    });
    this.tcp = createTcp((socket) => {
      this.reached.push('tcp');
      socket.destroy();
    }).listen(0, '127.0.0.1');
    this.udp = createSocket('udp4', () => this.reached.push('udp'));
    this.udp.bind(0, '127.0.0.1');
    await Promise.all([
      once(this.http, 'listening'),
      once(this.tcp, 'listening'),
      once(this.udp, 'listening'),
    ]);
  }

  close(): void {
    this.http.close();
    this.tcp.close();
    this.udp.close();
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}`;
  }

  /** Only a connection shows here: for what opens one and sends nothing. */
  get bare(): string {
    return `http://127.0.0.1:${(this.tcp.address() as AddressInfo).port}`;
  }

  get stun(): string {
    return `stun:127.0.0.1:${this.udp.address().port}`;
  }
}

/** The browser reports each attempt, also one that it has stopped. */
export function excuse(visitor: Visitor): void {
  visitor.excuse(sandboxTrouble);
  visitor.excuse(
    /Failed to load resource|request to elsewhere: https?:\/\/127\.0\.0\.1|TrustedHTML|preconnect|RTCPeer/,
  );
}

/**
 * Runs a program that says `kept` or `OUT` for each thing that it tries, and `all tried` at the
 * end.
 */
export async function tries(
  sink: Sink,
  room: Room,
  { language, code, count }: { language: string; code: string; count: number },
): Promise<void> {
  await room.run(language, code);
  await room.outputHas('all tried', 100_000);
  const lines = (await room.output())
    .split('\n')
    .flatMap((line) => /^(?:NOTICE: )?((?:kept|OUT) .*)/.exec(line)?.[1] ?? []);
  expect(lines.filter((line) => line.startsWith('OUT'))).toEqual([]);
  expect(lines).toHaveLength(count);
  // What is on its way arrives before something that is sent later, and is let through.
  await fetch(`${sink.origin}/last`);
  expect(sink.reached.splice(0)).toEqual(['http /last']);
}
