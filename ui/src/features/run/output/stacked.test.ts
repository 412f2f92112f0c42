import { describe, expect, it } from 'vitest';
import { plainText } from './plain-text';
import { MarkLimit, calmMarks } from './stacked';

const MARK = '\u0301';

describe('marks on one character', () => {
  it.each(['abc', 'e\u0301', '👩‍👩‍👧‍👦', 'ক্‍ষ', '각', 'שָׁלוֹם', '\x1b[31mred\x1b[0m'])('%j stays', (text) => {
    expect(calmMarks(text)).toBe(text);
    const limit = new MarkLimit();
    expect([...text].map((char) => limit.take(char)).join('')).toBe(text);
  });

  it('are bounded, in one piece and in many', () => {
    const bounded = `a${MARK.repeat(12)}`;
    expect(calmMarks(`a${MARK.repeat(100_000)}`)).toBe(bounded);
    expect(plainText(`a${MARK.repeat(1000)}b`)).toBe(`${bounded}b`);
    const limit = new MarkLimit();
    const pieces = ['a', ...Array<string>(500).fill(MARK), 'b'];
    expect(pieces.map((piece) => limit.take(piece)).join('')).toBe(`${bounded}b`);
  });

  it('are bounded where joiners and Korean vowels take their place', () => {
    for (const joining of ['\u200d', '\u1161', '\ufe0f', '\u{e0061}']) {
      expect([...calmMarks('a' + joining.repeat(5000))]).toHaveLength(13);
    }
  });
});
