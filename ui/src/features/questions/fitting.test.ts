import { describe, expect, test } from 'vitest';
import type { QuestionSummary } from '../../lib/questions-api';
import { ANYTHING, choicesOf, fitting, type Wanted } from './fitting';

const question = (id: string, some: Partial<QuestionSummary>): QuestionSummary => ({
  id,
  title: id,
  summary: '',
  hash: '0a1b2c3d4e5f',
  minutes: 0,
  level: '',
  tags: [],
  languages: [],
  parts: 1,
  tests: 0,
  built_in: true,
  ...some,
});

const all = [
  question('rooms', {
    title: 'Meeting rooms',
    minutes: 25,
    level: 'medium',
    tags: ['sorting'],
    languages: ['python', 'go'],
  }),
  question('cafe', { title: 'Café bill', summary: 'Rounding', minutes: 10, level: 'easy', tags: ['money'] }),
  question('open', { title: 'Open talk', tags: ['sorting', 'talk'] }),
];

describe('fitting', () => {
  test.each<[string, Partial<Wanted>, string[]]>([
    ['nothing wanted', {}, ['rooms', 'cafe', 'open']],
    ['words in any order', { words: 'ROOMS meet' }, ['rooms']],
    ['letters with and without accents', { words: 'cafe' }, ['cafe']],
    ['words of the summary', { words: 'round' }, ['cafe']],
    ['words that are a tag or a language', { words: 'sorting python' }, ['rooms']],
    ['a tag', { tag: 'sorting' }, ['rooms', 'open']],
    ['half a tag', { tag: 'sort' }, []],
    ['a level', { level: 'easy' }, ['cafe']],
    ['a length, which must be known', { minutes: 25 }, ['rooms', 'cafe']],
    ['a language', { language: 'go' }, ['rooms']],
    [
      'all at once',
      { words: 'meeting', tag: 'sorting', level: 'medium', minutes: 30, language: 'go' },
      ['rooms'],
    ],
    ['signs of no expression', { words: '.* [' }, []],
  ])('%s', (_, wanted, ids) => {
    expect(fitting(all, { ...ANYTHING, ...wanted }).map(({ id }) => id)).toEqual(ids);
  });

  test('looks through ten thousand within the pause between two keys', () => {
    const many = Array.from({ length: 10_000 }, (_, n) =>
      question(`q${n}`, { title: `Question ${n}`, summary: 'Sorting and more', tags: ['sorting'] }),
    );
    const started = performance.now();
    expect(fitting(many, { ...ANYTHING, words: 'question 9999' })).toHaveLength(1);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});

test('choicesOf gives each choice once, in order', () => {
  expect(choicesOf(all, ({ tags }) => tags)).toEqual(['money', 'sorting', 'talk']);
});
