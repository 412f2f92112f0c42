import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from './free-port';
import { webkitDriverPath } from './paths';
import { until } from './until';

/** Keys of the protocol for keys that write no letter. */
const KEYS: Record<string, string> = {
  Enter: '\uE007',
  Tab: '\uE004',
  Escape: '\uE00C',
  Backspace: '\uE003',
  Delete: '\uE017',
  Home: '\uE011',
  End: '\uE010',
  ArrowUp: '\uE013',
  ArrowDown: '\uE015',
  ArrowLeft: '\uE012',
  ArrowRight: '\uE014',
  Control: '\uE009',
  Shift: '\uE008',
  Alt: '\uE00A',
};

/** A WebDriver program (W3C protocol) that has been started, on a display of its own. */
export class WebDriver {
  private constructor(
    private readonly child: ChildProcess,
    private readonly origin: string,
  ) {}

  /** Starts WebKitWebDriver. It needs a screen, and gets a virtual one where there is none. */
  static async start(env: Record<string, string> = {}): Promise<WebDriver> {
    const port = await freePort();
    const command = [webkitDriverPath(), `--port=${port}`, '--host=127.0.0.1'];
    const [program = '', ...args] = ['xvfb-run', '-a', '-s', '-screen 0 1600x1200x24', ...command];
    const child = spawn(program, args, {
      stdio: 'ignore',
      detached: true, // so that all its processes can be ended together
      env: { ...process.env, ...env },
    });
    const driver = new WebDriver(child, `http://127.0.0.1:${port}`);
    await until('WebKitWebDriver', async () => {
      if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
      return (await fetch(`${driver.origin}/status`)).ok;
    });
    return driver;
  }

  /** One command. Fails with the error that the driver names. */
  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await fetch(this.origin + path, {
      method,
      ...(method === 'POST' && { body: JSON.stringify(body ?? {}) }),
    });
    const { value } = (await answer.json()) as { value: T & { error?: string; message?: string } };
    if (!answer.ok) throw new Error(`${path}: ${value.error}: ${value.message}`);
    return value;
  }

  async newSession(capabilities: object): Promise<DriverSession> {
    const { sessionId } = await this.call<{ sessionId: string }>('POST', '/session', {
      capabilities: { alwaysMatch: capabilities },
    });
    return new DriverSession(this, sessionId);
  }

  /** Ends the driver, its browsers and its display. */
  async end(): Promise<void> {
    if (this.child.exitCode !== null || this.child.pid === undefined) return;
    const gone = once(this.child, 'exit');
    process.kill(-this.child.pid, 'SIGTERM');
    await gone;
  }
}

/** One browser that a driver has started, with a profile of its own. */
export class DriverSession {
  constructor(
    private readonly driver: WebDriver,
    private readonly id: string,
  ) {}

  command<T>(method: string, path: string, body?: unknown): Promise<T> {
    return this.driver.call<T>(method, `/session/${this.id}${path}`, body);
  }

  open(url: string): Promise<void> {
    return this.command('POST', '/url', { url });
  }

  /** Runs a function's text in the page. It may be async. */
  execute<T>(script: string, ...args: unknown[]): Promise<T> {
    return this.command('POST', '/execute/sync', { script: `return (${script})(...arguments)`, args });
  }

  /** Moves there, presses and lets go as a hand does: WebKit may lose a press without duration. */
  async clickAt(x: number, y: number): Promise<void> {
    const moment = { type: 'pause', duration: 50 };
    const move = { type: 'pointerMove', duration: 0, x: Math.round(x), y: Math.round(y) };
    const [down, up] = ['pointerDown', 'pointerUp'].map((type) => ({ type, button: 0 }));
    const actions = [move, moment, down, moment, up];
    await this.command('POST', '/actions', { actions: [{ type: 'pointer', id: 'mouse', actions }] });
  }

  /** The tab that commands go to. */
  handle(): Promise<string> {
    return this.command('GET', '/window');
  }

  switchTo(handle: string): Promise<void> {
    return this.command('POST', '/window', { handle });
  }

  /** Opens a window, for a tab behind another one is not drawn, and its editor is empty. */
  async newWindow(): Promise<string> {
    return (await this.command<{ handle: string }>('POST', '/window/new', { type: 'window' })).handle;
  }

  /** Makes the page this large, whatever the window's frame takes. */
  async resize({ width, height }: { width: number; height: number }): Promise<void> {
    const inner = '() => ({ width: window.innerWidth, height: window.innerHeight })';
    let outer = { width, height };
    for (let tries = 0; tries < 5; tries++) {
      await this.command('POST', '/window/rect', outer);
      const got = await this.execute<{ width: number; height: number }>(inner);
      if (got.width === width && got.height === height) return;
      outer = { width: outer.width + width - got.width, height: outer.height + height - got.height };
    }
  }

  /** Presses keys together, the last one while the others are down; or types letters. */
  async keys(...strokes: string[][]): Promise<void> {
    const actions = strokes.flatMap((together) => {
      const values = together.map((key) => KEYS[key] ?? key);
      return [
        ...values.map((value) => ({ type: 'keyDown', value })),
        ...values.reverse().map((value) => ({ type: 'keyUp', value })),
      ];
    });
    await this.command('POST', '/actions', { actions: [{ type: 'key', id: 'keyboard', actions }] });
  }

  async screenshot(): Promise<Buffer> {
    return Buffer.from(await this.command<string>('GET', '/screenshot'), 'base64');
  }

  close(): Promise<void> {
    return this.driver.call('DELETE', `/session/${this.id}`);
  }
}
