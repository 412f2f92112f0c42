import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cleanName } from './person-name';

/** The server has the same test. */
const names = JSON.parse(readFileSync('../pkg/session/testdata/names.json', 'utf8')) as {
  'nobody can see': string[];
  becomes: Record<string, string>;
};

describe('names that the server takes, and those it does not', () => {
  it.each(names['nobody can see'])('%j is none', (name) => {
    expect(cleanName(name)).toBe('');
  });

  it.each(Object.entries(names.becomes))('%j → %j', (name, want) => {
    expect(cleanName(name)).toBe(want);
  });
});
