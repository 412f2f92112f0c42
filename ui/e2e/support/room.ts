import type { Locator } from 'playwright-core';
import type { Visitor } from './browser';
import { until, untilEqual } from './until';

/** The interview room as a person uses it: by the keyboard and by what is on the screen. */
export class Room {
  constructor(readonly visitor: Visitor) {}

  private get page() {
    return this.visitor.page;
  }

  get editor(): Locator {
    return this.page.locator('.monaco-editor').first();
  }

  /** The lines that the editor shows, joined by line feeds. For short texts: what is scrolled away is not drawn. */
  text(): Promise<string> {
    return this.editor.locator('.view-lines').evaluate((lines) =>
      [...lines.querySelectorAll<HTMLElement>('.view-line')]
        .sort((a, b) => parseFloat(a.style.top) - parseFloat(b.style.top))
        .map((line) => (line.textContent ?? '').replaceAll('\u00a0', ' ').replace(/[\u200b-\u200d\u2060\ufeff]/g, ''))
        .join('\n'),
    );
  }

  async shows(text: string): Promise<void> {
    await untilEqual(`${this.visitor.name}'s editor`, text, () => this.text());
  }

  async focus(): Promise<void> {
    await this.editor.locator('.view-lines').click();
  }

  /** Types key by key at the end of the text. */
  async typeAtEnd(text: string): Promise<void> {
    await this.press('ControlOrMeta+End');
    await this.page.keyboard.type(text);
  }

  async press(...keys: string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  /** Puts `text` in the place of everything, as a paste does: nothing is completed or indented. */
  async replaceAll(text: string): Promise<void> {
    await this.focus();
    await this.press('ControlOrMeta+a');
    await this.page.evaluate((value) => navigator.clipboard.writeText(value), text);
    await this.press('ControlOrMeta+v');
    await until('the pasted text', async () => (await this.text()).trimEnd() === text.trimEnd());
  }
}
