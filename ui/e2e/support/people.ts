import type { Locator, Page } from 'playwright-core';
import { TEXTS } from '../../src/lib/texts';
import { home } from '../../src/lib/texts/home';
import { questions } from '../../src/lib/texts/questions';
import type { Visitor } from './browser';
import { take } from './questions';
import { until } from './until';

/** How a session is made on the start page. */
export interface Making {
  title?: string;
  entry?: keyof typeof home.entries;
  problem?: string;
}

/** Fills the form of the start page and makes the session. */
export async function make(
  visitor: Visitor,
  { title = 'An interview', entry, problem }: Making = {},
): Promise<void> {
  const { page } = visitor;
  await page.goto(visitor.origin);
  await page.getByLabel(home.titleLabel, { exact: true }).fill(title);
  await page.getByLabel(home.nameLabel).fill(visitor.name);
  if (problem) {
    await page.getByRole('button', { name: questions.choose }).click();
    await take(page, problem, questions.use);
  }
  if (entry) await page.getByLabel(home.entryLabel).selectOption({ label: home.entries[entry].label });
  await page.getByRole('button', { name: home.create }).click();
  await page.waitForURL(/\/s\/[0-9a-f]{8}$/);
}

/** Opens a link and joins, without waiting for what comes then. */
export async function enter(visitor: Visitor, link: string): Promise<void> {
  const { page } = visitor;
  await page.goto(link);
  await page.getByLabel(TEXTS.lobby.nameLabel).fill(visitor.name);
  await page.getByRole('button', { name: TEXTS.lobby.join }).click();
  await page.waitForURL(/\/s\/[0-9a-f]{8}$/);
}

/** One of the parts beside the editor. */
export async function beside(page: Page, tab: 'problem' | 'guide' | 'notes' | 'people'): Promise<Locator> {
  await page.getByRole('tab', { name: TEXTS.beside.tabs[tab], exact: true }).click();
  return page.getByRole('complementary', { name: TEXTS.beside.label });
}

/** Waits until the browser has kept the page itself, for opening it without a server. */
export async function shellKept(page: Page): Promise<void> {
  await until('the page to be kept for later', () =>
    page.evaluate(async () => {
      const { active } = await navigator.serviceWorker.ready;
      return active?.state === 'activated';
    }),
  );
}
