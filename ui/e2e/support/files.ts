import type { Locator } from 'playwright-core';
import { TEXTS } from '../../src/lib/texts';
import type { Room } from './room';
import { untilEqual } from './until';

/** The row of files above the editor. */
export class Files {
  constructor(private readonly room: Room) {}

  get list(): Locator {
    return this.room.page.getByRole('tablist', { name: TEXTS.files.label });
  }

  tab(name: string): Locator {
    return this.list.locator(`[role=tab][title=${JSON.stringify(name)}]`);
  }

  names(): Promise<string[]> {
    return this.list
      .getByRole('tab')
      .evaluateAll((tabs) => tabs.map((tab) => tab.getAttribute('title') ?? ''));
  }

  async are(...names: string[]): Promise<void> {
    await untilEqual('the files', names.join(), async () => (await this.names()).join());
  }

  labelOf(name: string): Promise<string | null> {
    return this.tab(name).getAttribute('aria-label');
  }

  /** Name of the file that is shown. */
  shown(): Promise<string | null> {
    return this.list.locator('[aria-selected=true]').getAttribute('title');
  }

  async open(name: string): Promise<void> {
    await this.tab(name).click();
    await untilEqual('the shown file', name, () => this.shown());
  }

  async add(name: string): Promise<void> {
    const { page } = this.room;
    await page.getByRole('button', { name: TEXTS.files.add }).click();
    await page.getByLabel(TEXTS.files.nameLabel).fill(name);
    await this.room.press('Enter');
    await untilEqual('the shown file', name, () => this.shown());
  }
}

export async function openSettings(room: Room): Promise<void> {
  await room.page.getByRole('button', { name: TEXTS.settings.title }).click();
  await room.page.getByRole('dialog', { name: TEXTS.settings.title }).waitFor();
}

/** Chooses one of the settings that are rows of choices. */
export async function choose(room: Room, option: string): Promise<void> {
  await room.page.getByRole('dialog').getByText(option, { exact: true }).click();
}
