import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page as ChromiumPage } from 'playwright-core';
import puppeteer, { type KeyInput, type Page as FirefoxPage } from 'puppeteer-core';
import { chromiumPath, firefoxPath, miniBrowserPath } from './paths';
import { WebDriver, type DriverSession } from './webdriver';

/** The little that every engine's driver can do. All else is made of it, once (engine-tab.ts). */
export interface Tab {
  open(url: string): Promise<void>;
  /** Runs a function's source in the page; what it gives is plain data. */
  evaluate<T>(source: string, argument?: unknown): Promise<T>;
  clickAt(x: number, y: number): Promise<void>;
  /** Types letter by letter. */
  type(text: string): Promise<void>;
  /** Presses keys together, as in 'Control', 'End'. */
  press(...together: string[]): Promise<void>;
  screenshot(): Promise<Uint8Array>;
  /** Another page of the same profile, that can be seen. */
  another(): Promise<Tab>;
}

/** A browser with a profile of its own, as one person has it. */
export interface Launched {
  tab: Tab;
  /** Where it puts what is downloaded. */
  downloads: string;
  close(): Promise<void>;
}

export interface Engine {
  name: 'Chromium' | 'Firefox' | 'WebKit';
  launch(size?: Size): Promise<Launched>;
}

export interface Size {
  width: number;
  height: number;
}

const DESK: Size = { width: 1280, height: 800 };
/** Chromium is used by touch there. */
export const PHONE: Size = { width: 390, height: 844 };

/** A directory for a profile and its downloads, and what removes it. */
function home(): { dir: string; remove: () => void } {
  const dir = mkdtempSync(join(tmpdir(), 'parley-browser-'));
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }) };
}

const inChromium = (page: ChromiumPage, touch: boolean): Tab => ({
  open: async (url) => void (await page.goto(url)),
  evaluate: <T>(source: string, argument: unknown) =>
    page.evaluate<T>(`(${source})(${JSON.stringify(argument)})`),
  clickAt: (x, y) => (touch ? page.touchscreen.tap(x, y) : page.mouse.click(x, y)),
  type: (text) => page.keyboard.type(text),
  press: (...together) => page.keyboard.press(together.join('+')),
  screenshot: () => page.screenshot(),
  another: async () => inChromium(await page.context().newPage(), touch),
});

export const chromiumEngine: Engine = {
  name: 'Chromium',
  async launch(size = DESK) {
    const { dir, remove } = home();
    const browser = await chromium.launchPersistentContext(join(dir, 'profile'), {
      executablePath: chromiumPath(),
      chromiumSandbox: process.getuid?.() !== 0,
      args: ['--disable-gpu', '--disable-quic', '--disable-background-networking'],
      viewport: size,
      hasTouch: size === PHONE,
    });
    const page = browser.pages()[0] ?? (await browser.newPage());
    page.on('download', (file) => void file.saveAs(join(dir, file.suggestedFilename())));
    return {
      tab: inChromium(page, size === PHONE),
      downloads: dir,
      close: () => browser.close().finally(remove),
    };
  },
};

const inFirefox = (page: FirefoxPage): Tab => ({
  open: async (url) => void (await page.goto(url, { waitUntil: 'domcontentloaded' })),
  evaluate: async <T>(source: string, argument: unknown) =>
    (await page.evaluate(`(${source})(${JSON.stringify(argument)})`)) as T,
  clickAt: (x, y) => page.mouse.click(x, y),
  type: (text) => page.keyboard.type(text),
  press: async (...together) => {
    const keys = together as KeyInput[];
    for (const key of keys) await page.keyboard.down(key);
    for (const key of keys.reverse()) await page.keyboard.up(key);
  },
  screenshot: () => page.screenshot(),
  another: async () => inFirefox(await page.browser().newPage()),
});

export const firefoxEngine: Engine = {
  name: 'Firefox',
  async launch(size = DESK) {
    const { dir, remove } = home();
    const browser = await puppeteer.launch({
      browser: 'firefox',
      executablePath: firefoxPath(),
      headless: true,
      defaultViewport: size,
      extraPrefsFirefox: {
        'browser.download.folderList': 2,
        'browser.download.dir': dir,
        'browser.download.useDownloadDir': true,
        'browser.download.alwaysOpenPanel': false,
      },
    });
    const page = (await browser.pages())[0] ?? (await browser.newPage());
    await page.setViewport(size);
    return { tab: inFirefox(page), downloads: dir, close: () => browser.close().finally(remove) };
  },
};

const inWebKit = (session: DriverSession, handle: string): Tab => {
  const here = async () => session.switchTo(handle);
  return {
    open: async (url) => (await here(), session.open(url)),
    evaluate: async <T>(source: string, argument: unknown) => (
      await here(),
      session.execute<T>(source, argument)
    ),
    clickAt: async (x, y) => (await here(), session.clickAt(x, y)),
    type: async (text) => (await here(), session.keys(...[...text].map((letter) => [letter]))),
    press: async (...together) => (await here(), session.keys(together)),
    screenshot: async () => (await here(), session.screenshot()),
    another: async () => inWebKit(session, await session.newWindow()),
  };
};

/**
 * WebKitGTK. Safari shares memory with workers, and WebKitGTK does so where it is told to. shared
 * false is how distributions ship it.
 */
export const webkitEngine = (shared = true): Engine => ({
  name: 'WebKit',
  async launch(size = DESK) {
    const { dir, remove } = home();
    writeFileSync(join(dir, 'user-dirs.dirs'), `XDG_DOWNLOAD_DIR="${dir}"\n`);
    const driver = await WebDriver.start({
      ...{ HOME: dir, XDG_CONFIG_HOME: dir, XDG_CACHE_HOME: dir, XDG_DATA_HOME: dir },
      ...(shared && { JSC_useSharedArrayBuffer: '1' }),
    });
    const session = await driver.newSession({
      'webkitgtk:browserOptions': { binary: miniBrowserPath(), args: ['--automation'] },
    });
    await session.resize(size);
    return {
      tab: inWebKit(session, await session.handle()),
      downloads: dir,
      close: async () => {
        await session.close().catch(() => undefined);
        await driver.end().finally(remove);
      },
    };
  },
});

export const engines: Engine[] = [chromiumEngine, firefoxEngine, webkitEngine()];
