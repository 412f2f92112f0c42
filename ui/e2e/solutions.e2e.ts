import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { languageLabel } from '../src/lib/languages';
import { TEXTS } from '../src/lib/texts';
import { questions as T } from '../src/lib/texts/questions';
import { beside } from './support/people';
import { outDir } from './support/paths';
import { take } from './support/questions';
import { Room } from './support/room';
import { Stage } from './support/stage';
import { until } from './support/until';

/** Compiling each test anew on a machine that is busy takes its time, in milliseconds. */
const SLOW = 300_000;

const top = resolve(import.meta.dirname, '../../pkg/question');
const solutions = join(top, 'testdata/solutions');
const folders = (dir: string) => readdirSync(dir).sort();

interface Question {
  title: string;
  test_list: { name: string; hidden: boolean; code?: Record<string, string> }[];
}

/** The questions of the program by each language that they come in. */
const byLanguage = new Map<string, string[]>();
for (const id of folders(solutions)) {
  for (const language of folders(join(top, 'bank', id, 'files'))) {
    byLanguage.set(language, [...(byLanguage.get(language) ?? []), id]);
  }
}

const took: Record<string, number> = {};

describe('the reference solutions pass all tests, shown and hidden', () => {
  const stage = new Stage();
  afterAll(() => writeFileSync(join(outDir, 'solutions.json'), JSON.stringify(took, null, 1)));

  for (const [language, ids] of byLanguage) {
    if (language === 'html') continue;
    test(`${language}: ${ids.join(', ')}`, { timeout: SLOW * ids.length }, async () => {
      const started = performance.now();
      const visitor = await stage.visitor('Grace');
      const room = await Room.create(visitor);
      const failed: string[] = [];
      for (const id of ids) failed.push(...(await solve(room, id, language)));
      took[language] = Math.round((performance.now() - started) / 1000);
      expect(failed).toEqual([]);
    });
  }

  test('html: tip-page', async () => {
    const visitor = await stage.visitor('Grace');
    const room = await Room.create(visitor);
    await insert(room, 'tip-page', 'html');
    await room.runButton.click();
    const page = visitor.page.frameLocator(`iframe[title="${TEXTS.run.preview}"]`);
    const shown = page.locator('output');
    await shown
      .filter({ hasText: 'Tip 4.00, in all 44.00. Each pays 14.66, and 2 of them one cent more.' })
      .waitFor();
    await page.getByLabel('Bill').fill('12.50');
    await page.getByLabel('15 %').check();
    await page.getByLabel('People').fill('2');
    // Half a cent is rounded up: 12.50 and 15 percent are 1.875.
    await shown.filter({ hasText: 'Tip 1.88, in all 14.38. Each pays 7.19.' }).waitFor();
    await page.getByLabel('Bill').fill('twelve');
    await shown.filter({ hasText: 'Write the bill as an amount' }).waitFor();
    await room.runButton.waitFor();
  });

  async function question(id: string): Promise<Question> {
    return (await (await fetch(`${stage.server.origin}/api/v1/questions/${id}`)).json()) as Question;
  }

  /** Asks a question and puts the solution in the place of its file. */
  async function insert(room: Room, id: string, language: string): Promise<Question> {
    const asked = await question(id);
    const { page } = room;
    await beside(page, 'problem');
    await page.getByRole('button', { name: T.open }).click();
    await take(page, asked.title, T.insert, languageLabel(language));
    const [file = ''] = folders(join(solutions, id, language));
    await page.getByRole('tab', { name: file, exact: true, selected: true }).waitFor();
    const starter = readFileSync(join(top, 'bank', id, 'files', language, file), 'utf8');
    const first = starter.split('\n')[0] ?? '';
    await until(`the starter of ${id}`, async () => (await room.text()).includes(first.trim()));
    await room.paste(readFileSync(join(solutions, id, language, file), 'utf8'));
    return asked;
  }

  /** Runs all tests of a question, and gives what did not pass. */
  async function solve(room: Room, id: string, language: string): Promise<string[]> {
    const { test_list: tests } = await insert(room, id, language);
    const fitting = tests.filter(({ code }) => !code || code[language] || code['']);
    const hidden = fitting.filter((one) => one.hidden).length;
    const shown = fitting.length - hidden;
    expect([id, shown > 0, hidden > 0]).toEqual([id, true, true]);
    const guide = await beside(room.page, 'guide');
    await guide.getByRole('heading', { name: T.hiddenTests }).waitFor();
    await guide.getByRole('button', { name: T.runAll }).click();
    const status = guide.getByText(new RegExp(`${T.passed(0, hidden).slice(1)}|${T.broken}`)).first();
    await status.waitFor({ timeout: SLOW });
    await room.runButton.waitFor();
    const [ours, theirs] = [await status.innerText(), await room.output()];
    const good = ours === T.passed(hidden, hidden) && theirs.includes(TEXTS.tests.passed(shown, shown));
    return good ? [] : [`${id}: ${ours}\n${theirs}\n${await guide.innerText()}`];
  }
});
