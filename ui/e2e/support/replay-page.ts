import type { Page } from 'playwright-core';
import { TEXTS } from '../../src/lib/texts';
import { ended } from '../../src/lib/texts/ended';
import { replay as T } from '../../src/lib/texts/replay';
import { replayShare } from '../../src/lib/texts/replay-share';
import type { Visitor } from './browser';
import type { Room } from './room';

/** The page of a replay, by its keys, its bar and what is on the screen. */
export class ReplayPage {
  constructor(readonly visitor: Visitor) {}

  /** Opens a bundle from this device. */
  static async drop(visitor: Visitor, file: string): Promise<ReplayPage> {
    await visitor.page.goto(`${visitor.origin}/replay`);
    await visitor.page.locator('input[type=file]').setInputFiles(file);
    return new ReplayPage(visitor).opened();
  }

  /** Goes from the ended page of a session to its replay. */
  static async from({ visitor }: Room): Promise<ReplayPage> {
    await visitor.page.getByRole('button', { name: replayShare.open }).click();
    return new ReplayPage(visitor).opened();
  }

  async opened(): Promise<this> {
    await this.slider.waitFor();
    await this.page.getByTestId('code-editor').locator('.view-lines').first().waitFor();
    return this;
  }

  get page(): Page {
    return this.visitor.page;
  }

  get slider() {
    return this.page.getByRole('slider', { name: T.slider });
  }

  async value(): Promise<string> {
    return (await this.slider.getAttribute('aria-valuetext')) ?? '';
  }

  async key(...keys: string[]): Promise<void> {
    await this.slider.focus();
    for (const key of keys) await this.page.keyboard.press(key);
  }

  /** The lines that the editor shows; none at a moment without a file, when there is no editor. */
  text(): Promise<string> {
    return this.page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('[data-testid="code-editor"] .view-lines .view-line')]
        .sort((a, b) => parseFloat(a.style.top) - parseFloat(b.style.top))
        .map((line) =>
          (line.textContent ?? '').replaceAll('\u00a0', ' ').replace(/[\u200b-\u200d\ufeff]/g, ''),
        )
        .join('\n'),
    );
  }

  async clock(): Promise<string> {
    return this.page.getByTestId('replay-clock').innerText();
  }

  /** The sentences in the list of moments. */
  async moments(): Promise<string[]> {
    await this.page.getByRole('tab', { name: T.marks }).click();
    return this.page.getByRole('tabpanel', { name: T.marks }).getByRole('button').allInnerTexts();
  }
}

/** Ends an interview by its menu. */
export async function endInterview({ page }: Room): Promise<void> {
  await page.getByRole('button', { name: TEXTS.session.menu, exact: true }).click();
  await page.getByRole('menuitem', { name: TEXTS.session.end }).click();
  await page.getByRole('button', { name: TEXTS.session.endConfirm }).click();
  await page.getByText(ended.status).waitFor();
}
