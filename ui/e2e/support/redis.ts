import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { freePort } from './free-port';
import { until } from './until';

/** One real redis-server that keeps its data over a restart. It ends with the test. */
export class Redis {
  readonly url: string;
  private child: ChildProcess | undefined;

  private constructor(
    private readonly port: number,
    private readonly dir: string,
  ) {
    this.url = `redis://127.0.0.1:${port}`;
  }

  static async start(): Promise<Redis> {
    const redis = new Redis(await freePort(), mkdtempSync(join(tmpdir(), 'parley-redis-')));
    onTestFinished(async () => {
      await redis.stop('SIGKILL');
      rmSync(redis.dir, { recursive: true, force: true });
    });
    await redis.up();
    return redis;
  }

  /** Starts the process and waits until it takes connections. */
  async up(): Promise<void> {
    const args = ['--bind', '127.0.0.1', '--port', String(this.port), '--dir', this.dir];
    this.child = spawn('redis-server', [...args, '--save', '', '--appendonly', 'yes'], { stdio: 'ignore' });
    await until('Redis to answer', async () => {
      const socket = createConnection(this.port, '127.0.0.1');
      try {
        await once(socket, 'connect');
        socket.write('PING\r\n');
        const [answer] = (await once(socket, 'data')) as [Buffer];
        return answer.toString().startsWith('+PONG');
      } finally {
        socket.destroy();
      }
    });
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.child;
    this.child = undefined;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  }
}
