import { TEXTS } from '../../src/lib/texts';
import type { Tab } from './engines';
import { until, untilEqual } from './until';

/** What a person looks for: a role and the name that a screen reader would say. */
export interface Wanted {
  role: keyof typeof SELECTORS;
  name: string | RegExp;
  /** Only inside the dialog that is open. */
  inDialog?: boolean;
}

const SELECTORS = {
  button: 'button, [role=button]',
  textbox: 'input:not([type=radio]):not([type=checkbox]), textarea',
  combobox: 'select',
  tab: '[role=tab]',
  menuitem: '[role=menuitem]',
  heading: 'h1, h2, h3, h4',
  region: '[role=region], [role=list], [role=listitem], [aria-label]',
};

interface Query {
  css: string;
  name: string;
  pattern: boolean;
  inDialog: boolean;
}

const queryOf = ({ role, name, inDialog = false }: Wanted): Query => ({
  css: SELECTORS[role],
  name: typeof name === 'string' ? name : name.source,
  pattern: typeof name !== 'string',
  inDialog,
});

/** In the page: the first element of that name that can be seen. */
const FIND = `({ css, name, pattern, inDialog }) => {
  const nameOf = (element) => {
    const by = element.getAttribute('aria-labelledby');
    const text = element.getAttribute('aria-label')
      ?? (by ? by.split(' ').map((id) => document.getElementById(id)?.textContent ?? '').join(' ') : undefined)
      ?? element.labels?.[0]?.textContent ?? element.textContent ?? '';
    return text.replace(/\\s+/g, ' ').trim();
  };
  const fits = (text) => (pattern ? new RegExp(name).test(text) : text === name);
  const scope = inDialog ? '[role=dialog] :is(' + css + ')' : css;
  return [...document.querySelectorAll(scope)].find((element) =>
    element.getClientRects().length > 0 && getComputedStyle(element).visibility === 'visible' && fits(nameOf(element)));
}`;

/** In the page: where to click on an element, once it stands still and nothing lies over it. */
const PLACE = `async (query) => {
  const element = (${FIND})(query);
  if (!element || element.disabled || element.dataset.disabled) return null;
  element.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  const before = element.getBoundingClientRect();
  await new Promise((next) => setTimeout(next, 50));
  const { x, y, width, height } = element.getBoundingClientRect();
  if (x !== before.x || y !== before.y) return null;
  const moves = (one) => one.playState === 'running' && one.effect?.target?.contains(element);
  if (document.getAnimations().some(moves)) return null;
  const at = { x: x + width / 2, y: y + height / 2 };
  const top = document.elementFromPoint(at.x, at.y);
  return top && (element.contains(top) || top.contains(element)) ? at : null;
}`;

const EDITOR = '[data-testid=code-editor] .monaco-editor';

const LINES = `() => [...document.querySelectorAll('${EDITOR} .view-lines .view-line')]
  .sort((a, b) => parseFloat(a.style.top) - parseFloat(b.style.top))
  .map((line) => line.textContent.replaceAll('\\u00a0', ' ').replace(/[\\u200b-\\u200d\\u2060\\ufeff]/g, ''))
  .join('\\n')`;

const CURSORS = `() => [...new Set([...document.querySelectorAll('${EDITOR} [class*="yRemoteSelectionHead"]')]
  .map((head) => getComputedStyle(head, '::after').content.replace(/^"|"$/g, '')))].sort().join()`;

/** In the page: chooses an option as a person does, so that React hears it. */
const SELECT = `({ query, label }) => {
  const select = (${FIND})(query);
  const option = select && [...select.options].find((one) => one.label === label);
  if (!option) return false;
  Object.getOwnPropertyDescriptor(HTMLSelectElement.prototype, 'value').set.call(select, option.value);
  select.dispatchEvent(new Event('change', { bubbles: true }));
  return true;
}`;

/**
 * In the page: notes from now on what goes wrong, and what the policy stops. That a ResizeObserver
 * goes on in the next frame is reported as an error, and is none: Firefox says so of the editor.
 */
const COLLECT = `() => {
  window.parleyTrouble = [];
  addEventListener('error', ({ message }) =>
    /^ResizeObserver loop/.test(message) || window.parleyTrouble.push(String(message)));
  addEventListener('unhandledrejection', (event) => window.parleyTrouble.push(String(event.reason)));
  addEventListener('securitypolicyviolation', (event) => window.parleyTrouble.push('policy: ' + event.blockedURI));
}`;

/**
 * The interview room as a person uses it in any engine. Room (room.ts) is the same for Chromium
 * alone, with all that its driver can do.
 */
export class EngineRoom {
  constructor(
    readonly name: string,
    readonly tab: Tab,
  ) {}

  /** Opens an invite's link, gives the name, and waits for the room. */
  async join(link: string): Promise<this> {
    await this.tab.open(link);
    await this.tab.evaluate(COLLECT);
    await this.fill({ role: 'textbox', name: TEXTS.lobby.nameLabel }, this.name);
    await this.click({ role: 'button', name: TEXTS.lobby.join });
    return this.opened();
  }

  async opened(): Promise<this> {
    await until(`${this.name}'s editor`, () =>
      this.tab.evaluate<boolean>(`() => !!document.querySelector('${EDITOR} .view-lines')`),
    );
    await this.saved();
    return this;
  }

  async click(wanted: Wanted, limit?: number): Promise<void> {
    const query = queryOf(wanted);
    const { x, y } = await until(
      `${this.name} to see ${wanted.role} ${String(wanted.name)}`,
      () => this.tab.evaluate<{ x: number; y: number } | null>(PLACE, query),
      limit,
    );
    await this.tab.clickAt(x, y);
  }

  /**
   * Presses a button that closes its dialog, and again while it is there: WebKitWebDriver loses a
   * click in a dialog that has just come.
   */
  async confirm(wanted: Wanted): Promise<void> {
    await this.click(wanted);
    await until(`${String(wanted.name)} to close its dialog`, async () => {
      await new Promise((wake) => setTimeout(wake, 500));
      if (!(await this.sees(wanted))) return true;
      await this.click(wanted, 1_000).catch(() => undefined);
      return false;
    });
  }

  sees(wanted: Wanted): Promise<boolean> {
    return this.tab.evaluate(`(query) => !!(${FIND})(query)`, queryOf(wanted));
  }

  waitsFor(wanted: Wanted, limit?: number): Promise<boolean> {
    const what = `${this.name} to see ${wanted.role} ${String(wanted.name)}`;
    return until(what, () => this.sees(wanted), limit);
  }

  /** Types into a field in the place of what stood there. */
  async fill(wanted: Wanted, text: string): Promise<void> {
    await this.click(wanted);
    await this.tab.press('Control', 'a');
    await this.tab.type(text);
  }

  async choose(wanted: Wanted, label: string): Promise<void> {
    const given = { query: queryOf(wanted), label };
    await until(`the choice ${label}`, () => this.tab.evaluate<boolean>(SELECT, given));
  }

  /** Text of what the page shows. */
  page(): Promise<string> {
    return this.tab.evaluate('() => document.body.innerText');
  }

  async says(text: string, limit?: number): Promise<void> {
    await until(
      `${this.name} to read ${JSON.stringify(text)}`,
      async () => (await this.page()).includes(text),
      limit,
    );
  }

  // The editor.

  text(): Promise<string> {
    return this.tab.evaluate(LINES);
  }

  async shows(text: string): Promise<void> {
    await untilEqual(`${this.name}'s editor`, text, () => this.text());
  }

  /** Clicks into the editor until it has the focus: a dialog that fades out may lie over it. */
  async focus(): Promise<void> {
    await until(`the focus in the editor of ${this.name}`, async () => {
      const at = await this.tab.evaluate<{ x: number; y: number } | null>(`() => {
        const line = document.querySelector('${EDITOR} .view-lines .view-line');
        const box = line?.getBoundingClientRect();
        return box ? { x: box.x + 5, y: box.y + box.height / 2 } : null;
      }`);
      if (!at) return false;
      await this.tab.clickAt(at.x, at.y);
      return this.tab.evaluate<boolean>(
        `() => !!document.querySelector('${EDITOR}')?.contains(document.activeElement)`,
      );
    });
  }

  cursors(): Promise<string> {
    return this.tab.evaluate(CURSORS);
  }

  // Connection and runs.

  private badge(): Promise<string> {
    return this.tab.evaluate(
      `(label) => document.querySelector('button[aria-label^="' + label + '"]')?.getAttribute('aria-label') ?? ''`,
      `${TEXTS.connection.label}:`,
    );
  }

  async saved(): Promise<void> {
    await until(`${this.name} to be connected and all saved`, async () =>
      (await this.badge()).includes(TEXTS.connection.saved),
    );
  }

  async offline(): Promise<void> {
    await until(`${this.name} to notice that the connection is gone`, async () =>
      /offline|reconnecting/i.test(await this.badge()),
    );
  }

  /** Presses Run and waits until the output is that of the new run. */
  async run(): Promise<void> {
    const mark = `(label) => document.querySelector('[aria-label="' + label + '"]')?.setAttribute('data-old', '')`;
    await this.tab.evaluate(mark, TEXTS.run.program);
    await this.click({ role: 'button', name: TEXTS.run.run });
    await until('the run to begin', () =>
      this.tab.evaluate<boolean>(
        `(label) => !!document.querySelector('[aria-label="' + label + '"]:not([data-old])')`,
        TEXTS.run.program,
      ),
    );
  }

  async stop(): Promise<void> {
    await this.click({ role: 'button', name: TEXTS.run.stop });
    await this.idle();
  }

  /** Waits until no program runs. */
  async idle(limit?: number): Promise<void> {
    await this.waitsFor({ role: 'button', name: TEXTS.run.run }, limit);
  }

  output(): Promise<string> {
    return this.tab.evaluate(
      `(label) => document.querySelector('[aria-label="' + label + '"]')?.innerText ?? ''`,
      TEXTS.run.program,
    );
  }

  async outputHas(text: string | RegExp, limit?: number): Promise<void> {
    let got = '';
    const has = async () => {
      got = await this.output();
      return typeof text === 'string' ? got.includes(text) : text.test(got);
    };
    await until(`${String(text)} in the output that ${this.name} sees`, has, limit).catch((err: unknown) => {
      throw new Error(`output is ${JSON.stringify(got)}`, { cause: err });
    });
  }

  /** What went wrong in the page since it was opened. */
  trouble(): Promise<string[]> {
    return this.tab.evaluate('() => window.parleyTrouble ?? []');
  }
}
