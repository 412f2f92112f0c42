import type { Locator, Page } from 'playwright-core';
import { TEXTS } from '../../src/lib/texts';
import { home } from '../../src/lib/texts/home';
import type { Visitor } from './browser';
import { until, untilEqual } from './until';

/** A language as the page names it. */
export type Language = 'JavaScript' | 'Python' | 'TypeScript' | 'Go';

/** The interview room as a person uses it: by the keyboard and by what is on the screen. */
export class Room {
  private constructor(readonly visitor: Visitor) {}

  /** Opens the room of a session that this browser has joined before; it need not come up. */
  static async reopen(visitor: Visitor, id: string): Promise<Room> {
    await visitor.page.goto(`${visitor.origin}/s/${id}`);
    return new Room(visitor);
  }

  /** Creates a session from the home page and waits for its room. */
  static async create(
    visitor: Visitor,
    language: Language = 'JavaScript',
    title = 'An interview',
  ): Promise<Room> {
    const { page } = visitor;
    await page.goto(visitor.origin);
    await page.getByLabel(home.titleLabel, { exact: true }).fill(title);
    await page.getByLabel(home.nameLabel).fill(visitor.name);
    await page.getByLabel(home.languageLabel).selectOption({ label: language });
    await page.getByRole('button', { name: home.create }).click();
    return new Room(visitor).opened();
  }

  /** Opens an invite's link, gives the name, and waits for the room. */
  static async join(visitor: Visitor, link: string, color?: string): Promise<Room> {
    const { page } = visitor;
    await page.goto(link);
    await page.getByLabel(TEXTS.lobby.nameLabel).fill(visitor.name);
    if (color) await page.getByLabel(color).check({ force: true });
    await page.getByRole('button', { name: TEXTS.lobby.join }).click();
    return new Room(visitor).opened();
  }

  /** The room that a visitor has come to, however they did. */
  static opened(visitor: Visitor): Promise<Room> {
    return new Room(visitor).opened();
  }

  /** Waits until the editor is there and everything is stored. */
  async opened(): Promise<this> {
    await this.page.waitForURL(/\/s\/[0-9a-f]{8}$/);
    await this.editor.locator('.view-lines').waitFor();
    await this.saved();
    return this;
  }

  get page(): Page {
    return this.visitor.page;
  }

  /** The session's id, from the address. */
  get id(): string {
    return new URL(this.page.url()).pathname.slice('/s/'.length);
  }

  // The editor.

  get editor(): Locator {
    return this.page.getByTestId('code-editor').locator('.monaco-editor').first();
  }

  /**
   * The lines that the editor shows, joined by line feeds. For short texts: what is scrolled away
   * is not drawn.
   */
  text(): Promise<string> {
    return this.editor.locator('.view-lines').evaluate((lines) =>
      [...lines.querySelectorAll<HTMLElement>('.view-line')]
        .sort((a, b) => parseFloat(a.style.top) - parseFloat(b.style.top))
        .map((line) =>
          (line.textContent ?? '').replaceAll('\u00a0', ' ').replace(/[\u200b-\u200d\u2060\ufeff]/g, ''),
        )
        .join('\n'),
    );
  }

  async shows(text: string): Promise<void> {
    await untilEqual(`${this.visitor.name}'s editor`, text, () => this.text());
  }

  async focus(): Promise<void> {
    await this.editor.locator('.view-lines').click();
  }

  async press(...keys: string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  /** Types key by key where the cursor is. */
  type(text: string): Promise<void> {
    return this.page.keyboard.type(text);
  }

  /** Puts `text` in the place of everything, in one go: nothing is completed or indented. */
  async replaceAll(text: string): Promise<void> {
    await this.focus();
    await this.press('ControlOrMeta+a');
    await this.page.evaluate((value) => navigator.clipboard.writeText(value), text);
    await this.press('ControlOrMeta+v');
    await this.shows(text);
  }

  /**
   * As replaceAll, for texts that are longer than the editor is high, or have tabs: looks at the
   * last line alone.
   */
  async paste(text: string): Promise<void> {
    await this.focus();
    await this.press('ControlOrMeta+a');
    await this.page.evaluate((value) => navigator.clipboard.writeText(value), text);
    await this.press('ControlOrMeta+v');
    const last = text.trimEnd().split('\n').at(-1)?.trim() ?? '';
    await until(`the editor to show ${JSON.stringify(last)}`, async () =>
      (await this.text()).trimEnd().endsWith(last.slice(-40)),
    );
  }

  /** The line of the cursor, from 1, as the editor marks it. */
  async cursorLine(): Promise<number> {
    const number = this.editor.locator('.line-numbers.active-line-number').first();
    return Number(await number.innerText());
  }

  /** Names on the flags of the other people's cursors, as drawn. */
  cursorNames(): Promise<string[]> {
    return this.editor.evaluate((editor) => {
      const names = [...editor.querySelectorAll('[class*="yRemoteSelectionHead"]')].map((head) =>
        getComputedStyle(head, '::after').content.replace(/^"|"$/g, ''),
      );
      return [...new Set(names)].sort();
    });
  }

  /** Waits until the flags have faded in: they stay for two seconds after a move. */
  async flagsUp(): Promise<void> {
    await until('the name flags to be drawn', () =>
      this.editor.evaluate((editor) => {
        const heads = [...editor.querySelectorAll('[class*="yRemoteSelectionHead"]')];
        return heads.length > 0 && heads.every((head) => getComputedStyle(head, '::after').opacity === '1');
      }),
    );
  }

  // Beside the editor.

  get people(): Locator {
    return this.page.getByLabel(TEXTS.people.label);
  }

  /** What the page says about the connection. */
  async connection(): Promise<string> {
    const badge = this.page.getByRole('button', { name: `${TEXTS.connection.label}:` });
    return (await badge.getAttribute('aria-label')) ?? '';
  }

  /** Waits until the page says that the server has stored everything. */
  async saved(): Promise<void> {
    await until(`${this.visitor.name} to be connected and all saved`, async () =>
      (await this.connection()).includes(TEXTS.connection.saved),
    );
  }

  async offline(): Promise<void> {
    await until(`${this.visitor.name} to notice that the connection is gone`, async () =>
      /offline|reconnecting/i.test(await this.connection()),
    );
  }

  /** The choice of language, the same for everybody in the room. */
  get language(): Locator {
    return this.page.getByRole('combobox', { name: TEXTS.room.language });
  }

  /** The link for a role, from the share dialog. */
  async inviteLink(role: 'candidate' | 'interviewer' | 'observer'): Promise<string> {
    await this.page.getByRole('button', { name: TEXTS.room.share }).click();
    const dialog = this.page.getByRole('dialog', { name: TEXTS.share.title });
    const link = await dialog.getByRole('textbox', { name: TEXTS.share.roles[role].label }).inputValue();
    await this.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    return link;
  }

  // Runs.

  get runButton(): Locator {
    return this.page.getByRole('button', { name: TEXTS.run.run, exact: true });
  }

  get stopButton(): Locator {
    return this.page.getByRole('button', { name: TEXTS.run.stop, exact: true });
  }

  /** Where a waiting program's next line is typed. */
  get input(): Locator {
    return this.page.getByLabel(TEXTS.run.inputLabel, { exact: true });
  }

  /** Puts a program in a language in the place of what stood there. */
  async enter(language: string, code: string): Promise<void> {
    await this.language.selectOption({ label: language });
    await this.paste(code);
  }

  async run(language: string, code: string): Promise<void> {
    await this.enter(language, code);
    await this.begin();
  }

  /** Presses Run and waits until the output is that of the new run. */
  async begin(): Promise<void> {
    const shown = this.page.getByLabel(TEXTS.run.program);
    const before = (await shown.count()) > 0 ? await shown.elementHandle() : null;
    await this.runButton.click();
    if (before) await this.page.waitForFunction((output) => !output.isConnected, before);
    else await shown.waitFor();
  }

  output(): Promise<string> {
    return this.page.getByLabel(TEXTS.run.program).innerText();
  }

  /** What is listed as wrong with the program, each with its place. */
  problems(): Promise<string[]> {
    return this.page.getByRole('list', { name: TEXTS.run.problems }).getByRole('button').allInnerTexts();
  }

  /** Goes where one of the listed problems is. */
  async goToProblem(named: RegExp): Promise<void> {
    await this.page
      .getByRole('list', { name: TEXTS.run.problems })
      .getByRole('button', { name: named })
      .click();
  }

  async outputHas(text: string, limit?: number): Promise<void> {
    let got = '';
    await until(
      `${JSON.stringify(text)} in the output that ${this.visitor.name} sees`,
      async () => {
        got = await this.output();
        return got.includes(text);
      },
      limit,
    ).catch((err: unknown) => {
      throw new Error(`output is ${JSON.stringify(got)}`, { cause: err });
    });
  }
}
