import { describe, expect, it } from 'vitest';
import { widths } from './terminal-widths';

const code = (char: string) => char.codePointAt(0) ?? 0;

describe('widths', () => {
  it.each([
    ['a', 1],
    ['é', 1],
    ['│', 1],
    ['日', 2],
    ['😀', 2],
    ['✅', 2],
    ['𠀀', 2],
    ['\u0301', 0],
    ['\u200d', 0],
  ])('%j takes %d columns', (char, columns) => {
    expect(widths.wcwidth(code(char))).toBe(columns);
  });

  it('joins a mark to the character before it, whose width stays', () => {
    const wide = widths.charProperties(code('日'), 0);
    const marked = widths.charProperties(code('\u0301'), wide);
    expect([(wide >> 1) & 3, wide & 1]).toEqual([2, 0]);
    expect([(marked >> 1) & 3, marked & 1]).toEqual([2, 1]);
    expect(widths.charProperties(code('\u0301'), 0) & 1).toBe(0);
  });
});
