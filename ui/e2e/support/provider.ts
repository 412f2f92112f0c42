import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { providerBinary } from './paths';
import type { Server } from './server';

/** One real OpenID Connect provider with the people ada and bob (see provider/main.go). */
export class Provider {
  private constructor(
    private readonly child: ChildProcess,
    readonly issuer: string,
  ) {}

  static async start(): Promise<Provider> {
    const child = spawn(providerBinary, [], { stdio: ['ignore', 'pipe', 'ignore'] });
    const [issuer] = (await once(createInterface(child.stdout), 'line')) as [string];
    return new Provider(child, issuer);
  }

  /** The settings of a server that signs people in here. */
  get flags(): string[] {
    return [
      ...['--sign-in', 'oidc', '--oidc-issuer', this.issuer],
      ...['--oidc-client-id', 'parley', '--oidc-client-secret', 'hush'],
    ];
  }

  /** Lets a server send people here. */
  async welcome(server: Pick<Server, 'origin'>): Promise<void> {
    const redirect = encodeURIComponent(`${server.origin}/auth/callback`);
    const answer = await fetch(`${this.issuer}/test/client?redirect=${redirect}`, { method: 'POST' });
    if (!answer.ok) throw new Error(`the provider answers ${answer.status}`);
  }

  /** Stops or continues the process, as a provider that hangs. */
  hang(on: boolean): void {
    this.child.kill(on ? 'SIGSTOP' : 'SIGCONT');
  }

  async dispose(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGKILL');
    await once(this.child, 'exit');
  }
}
