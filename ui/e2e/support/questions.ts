import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { questions as T } from '../../src/lib/texts/questions';

/** The dialog of the questions, once it is open. */
export function questionsOf(page: Page): Locator {
  return page.getByRole('dialog', { name: T.title });
}

/** The questions that are listed. */
export function optionsOf(page: Page): Locator {
  return questionsOf(page).getByRole('listbox', { name: T.list }).getByRole('option');
}

/** Takes a question in the dialog, in its first language or in the one that is named. */
export async function take(page: Page, title: string, action: string, language?: string): Promise<void> {
  const dialog = questionsOf(page);
  await optionsOf(page).filter({ hasText: title }).click();
  await dialog.getByRole('article', { name: title }).waitFor();
  if (language) await dialog.getByRole('combobox', { name: T.filesIn }).selectOption({ label: language });
  await dialog.getByRole('button', { name: action }).click();
  await dialog.waitFor({ state: 'hidden' });
}

/** Writes folders of questions, as an operator keeps them, and gives the directory. */
export function writeQuestions(files: Record<string, string>): { dir: string; remove: () => void } {
  const dir = mkdtempSync(join(tmpdir(), 'parley-questions-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

/** Words that stand in what candidates never get of the question Doubling. */
export const SECRETS = ['quixotry', 'zibeline', 'vexillary', '21001', '42002', 'wobbegong', 'xenolith'];

/** The directory of a team that has one question, with all that a question can have. */
export function doubling(): ReturnType<typeof writeQuestions> {
  return writeQuestions({
    'doubling/question.yaml': [
      'title: Doubling',
      'summary: A warm-up of our own.',
      'minutes: 10',
      'level: easy',
      'tags: [warm-up]',
      'parts: [Two times, Three times]',
    ].join('\n'),
    'doubling/prompt.md': '# Doubling\n\nRead a number and write **twice** as much.\n',
    'doubling/prompt.2.md': '## And now\n\nThree times as much, zibeline.\n',
    'doubling/guide.md': '# What to look for\n\nDo they ask about quixotry?\n',
    'doubling/files/javascript/main.js': 'const n = Number(prompt());\n',
    'doubling/files/python/main.py': 'n = int(input())\n',
    'doubling/tests.yaml': `
- name: two
  input: "2"
  expected: "4"
- name: vexillary
  input: "21001"
  expected: "42002"
  hidden: true
- name: wobbegong
  hidden: true
  code:
    python: assert n == 0, 'xenolith'
`,
  });
}
