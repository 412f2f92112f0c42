import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';
import { launch, Visitor } from './browser';
import { Server } from './server';

/** A browser for the whole file, a server for the whole file, visitors for one test each. */
export class Stage {
  private browser!: Browser;
  private shared!: Server;

  constructor(...flags: string[]) {
    beforeAll(async () => {
      [this.browser, this.shared] = await Promise.all([launch(), Server.start(...flags)]);
    });
    afterAll(async () => {
      await this.browser?.close();
      await this.shared?.dispose();
    });
  }

  /** Seconds that the processors have given to this browser so far, all its processes together. */
  async cpuSeconds(): Promise<number> {
    const session = await this.browser.newBrowserCDPSession();
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    await session.detach();
    return processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0);
  }

  get server(): Server {
    return this.shared;
  }

  /** A server for this test alone, for one that kills it. */
  async ownServer(...flags: string[]): Promise<Server> {
    const server = await Server.start(...flags);
    onTestFinished(() => server.dispose());
    return server;
  }

  /**
   * A person in a browser of their own. When the test ends, nothing bad may have happened there: no
   * console error, no request to another origin, unless the test has excused it. `origin`: where
   * they find the server, when not at its own.
   */
  async visitor(name: string, server = this.shared, origin = server.origin): Promise<Visitor> {
    const visitor = await Visitor.arrive(this.browser, origin, name);
    const file = `failed ${expect.getState().currentTestName ?? ''} ${name}`.replace(/[^\w]+/g, '-');
    onTestFinished(async ({ task }) => {
      if (task.result?.state === 'fail') {
        await visitor.screenshot(file).catch(() => undefined);
        server.saveLog(file);
      }
      await visitor.leave();
      expect(visitor.problems, `what went wrong in ${name}'s browser`).toEqual([]);
    });
    return visitor;
  }
}
