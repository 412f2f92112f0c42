import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { TEXTS } from '../../src/lib/texts';
import type { Visitor } from './browser';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const DESK = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };

interface Violation {
  id: string;
  impact: string | null;
  nodes: { html: string; failureSummary: string }[];
}

declare const axe: { run: (context: object, options: object) => Promise<{ violations: Violation[] }> };

/** What axe finds serious on the page as it is. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axeSource);
  await settled(page);
  const found = await page.evaluate(async () => {
    // The numbers beside the code are drawn faintly where there is no line yet.
    const context = { include: [document], exclude: ['.dimmed-line-number'] };
    const { violations } = await axe.run(context, { resultTypes: ['violations'], iframes: false });
    return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  });
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary.slice(0, 300)}`),
  );
}

/** Resolves when nothing fades or moves any more; what goes on for ever does not count. */
function settled(page: Page): Promise<unknown> {
  return page.evaluate(() => {
    const finite = document
      .getAnimations()
      .filter((one) => one.effect?.getComputedTiming().iterations !== Infinity);
    return Promise.allSettled(finite.map((one) => one.finished));
  });
}

async function theme(page: Page, name: 'dark' | 'light' | 'contrast'): Promise<void> {
  await page.emulateMedia({
    colorScheme: name === 'light' ? 'light' : 'dark',
    contrast: name === 'contrast' ? 'more' : null,
  });
  await page.waitForFunction((want) => document.documentElement.dataset.theme === want, name);
}

/** Whether anything sticks out to the side. */
function fits(page: Page): Promise<boolean> {
  return page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);
}

/**
 * Takes pictures of a screen as it is: dark, light, and on a phone; axe looks at it in all three
 * themes. `phone: false` where resizing would close what is to be seen; `part`: what is to be
 * chosen there at the bottom.
 */
export async function look(
  visitor: Visitor,
  name: string,
  { phone = true, part }: { phone?: boolean; part?: string } = {},
): Promise<void> {
  const { page } = visitor;
  for (const one of ['light', 'contrast', 'dark'] as const) {
    await theme(page, one);
    expect(await violations(page), `${name}, ${one}`).toEqual([]);
    if (one === 'contrast') continue;
    await visitor.screenshot(one === 'dark' ? name : `${name}-light`);
  }
  if (!phone) return;
  await page.setViewportSize(PHONE);
  const nav = page.getByRole('navigation', { name: TEXTS.beside.nav });
  if (part) await nav.getByRole('button', { name: part }).click();
  await expect.poll(() => fits(page), { message: `${name} sticks out on a phone` }).toBe(true);
  await visitor.screenshot(`${name}-phone`);
  if (part) await nav.getByRole('button', { name: TEXTS.beside.tabs.code }).click();
  await page.setViewportSize(DESK);
}
