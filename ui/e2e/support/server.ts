import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port';
import { binary, outDir } from './paths';
import { until } from './until';

/** One real `parley serve` with a data directory of its own. Kept across kill and restart. */
export class Server {
  /** Without a slash at the end. */
  readonly origin: string;
  private child: ChildProcess | undefined;
  private log = '';

  private constructor(
    private readonly args: string[],
    private readonly dataDir: string,
    port: number,
  ) {
    this.origin = `http://127.0.0.1:${port}`;
  }

  static async start(...extra: string[]): Promise<Server> {
    const [port, metrics] = await Promise.all([freePort(), freePort()]);
    const dataDir = mkdtempSync(join(tmpdir(), 'parley-e2e-'));
    const args = [
      'serve',
      ...['--addr', `127.0.0.1:${port}`],
      ...['--metrics-addr', `127.0.0.1:${metrics}`],
      ...['--data-dir', dataDir],
      ...extra,
    ];
    const server = new Server(args, dataDir, port);
    await server.up();
    return server;
  }

  /**
   * Starts the process, on the same port and data as before, and waits until it is ready. `more`:
   * settings that it did not have before.
   */
  async up(...more: string[]): Promise<void> {
    const child = spawn(binary, [...this.args, ...more], { stdio: ['ignore', 'pipe', 'pipe'] });
    const keep = (chunk: Buffer) => (this.log += chunk.toString());
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    this.child = child;
    await until('the server to be ready', async () => {
      if (child.exitCode !== null) return 'exited';
      return (await fetch(`${this.origin}/readyz`)).ok;
    });
    if (child.exitCode !== null) throw new Error(`parley exited with ${child.exitCode}:\n${this.log}`);
  }

  /** Kills the process so that it cannot save anything. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** Ends the process as an operator does and returns its exit code. */
  async stop(): Promise<number | null> {
    return this.end('SIGTERM');
  }

  private async end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.child;
    this.child = undefined;
    if (!child) return null;
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal);
      await once(child, 'exit');
    }
    return child.exitCode;
  }

  /** Everything that the server has logged so far. */
  get output(): string {
    return this.log;
  }

  saveLog(name: string): void {
    writeFileSync(join(outDir, `${name}.server.log`), this.log);
  }

  /** Ends the process and removes its data. */
  async dispose(): Promise<void> {
    await this.kill();
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}
