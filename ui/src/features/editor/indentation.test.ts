import { expect, it } from 'vitest';
import { indentsWithTabs } from './indentation';

const model = (text: string) => {
  const lines = text.split('\n');
  return { getLineCount: () => lines.length, getLineContent: (line: number) => lines[line - 1] ?? '' };
};

it.each([
  ['', false],
  ['def f():\n\tx = 1', true],
  ['def f():\n  x = 1', false],
  ['a\n\tb\n\tc\n    d', true],
  ['a\n\tb\n    c\n    d', false],
  ['a\n b', false],
])('indentsWithTabs(%j) → %s', (text, want) => {
  expect(indentsWithTabs(model(text))).toBe(want);
});
