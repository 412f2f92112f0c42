import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { join } from 'node:path';
import { chromiumPath, outDir } from './paths';

/** What is said when a server is away. Only tests that take it away may excuse these. */
export const networkTrouble =
  /ERR_(CONNECTION|INTERNET|NETWORK|SOCKET|EMPTY)|WebSocket connection to|error occurred when fetching the script/;

/**
 * What is said when the store is away, and the server says so. Only tests that take it away may
 * excuse this.
 */
export const storeTrouble = /status of 503/;

/**
 * What the browser reports when the sandbox stops something. Only tests that try to break out may
 * excuse these.
 */
export const sandboxTrouble = /Content Security Policy|sandboxed|violates the following/i;

export function launch(...more: string[]): Promise<Browser> {
  const { args, ...rest } = options();
  return chromium.launch({ ...rest, args: [...args, ...more] });
}

function options() {
  return {
    executablePath: chromiumPath(),
    // Chromium's own sandbox does not start as root.
    chromiumSandbox: process.getuid?.() !== 0,
    args: [
      '--disable-gpu',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
    ],
  };
}

/**
 * A browser profile of its own, as one person has it, with everything noted that should not happen.
 */
export class Visitor {
  /** Errors on the console, uncaught ones, and requests to other origins, as they came. */
  readonly problems: string[] = [];

  private constructor(
    readonly name: string,
    readonly context: BrowserContext,
    readonly page: Page,
    readonly origin: string,
  ) {
    context.on('request', (request) => this.checkOrigin(request.url()));
    this.watch(page);
    context.on('page', (opened) => this.watch(opened));
  }

  static async arrive(browser: Browser, origin: string, name: string): Promise<Visitor> {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      colorScheme: 'dark',
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    return new Visitor(name, context, await context.newPage(), origin);
  }

  /**
   * Somebody whose browser keeps its profile in a directory, so that it can be closed and opened
   * again.
   */
  static async atHome(profile: string, origin: string, name: string): Promise<Visitor> {
    const context = await chromium.launchPersistentContext(profile, {
      ...options(),
      viewport: { width: 1280, height: 800 },
      colorScheme: 'dark',
    });
    return new Visitor(name, context, context.pages()[0] ?? (await context.newPage()), origin);
  }

  /** Another tab of the same browser. */
  async secondTab(): Promise<Visitor> {
    return new Visitor(this.name, this.context, await this.context.newPage(), this.origin);
  }

  private watch(page: Page): void {
    page.on('console', (message) => {
      if (message.type() === 'error') this.problems.push(`console: ${message.text()}`);
    });
    page.on('pageerror', ({ name, message, stack }) =>
      this.problems.push(`uncaught: ${name}: ${message} ${stack}`),
    );
    page.on('websocket', (socket) => this.checkOrigin(socket.url().replace(/^ws/, 'http')));
  }

  private checkOrigin(url: string): void {
    if (/^(blob|data|about):/.test(url) || new URL(url).origin === this.origin) return;
    this.problems.push(`request to elsewhere: ${url}`);
  }

  /** Forgets the problems that match; call it where a test has caused them. */
  excuse(...expected: RegExp[]): void {
    this.problems.splice(
      0,
      Infinity,
      ...this.problems.filter((problem) => !expected.some((e) => e.test(problem))),
    );
  }

  screenshot(file: string): Promise<Buffer> {
    return this.page.screenshot({ path: join(outDir, `${file}.png`), animations: 'disabled' });
  }

  leave(): Promise<void> {
    return this.context.close();
  }
}
