import type { IUnicodeVersionProvider } from '@xterm/xterm';
import { columnOf } from '../../sandbox/text-width';

/**
 * What the terminal keeps of a character, in bits: whether it joins the one before it, and its
 * width.
 */
const JOINS = 1;
const WIDTH_SHIFT = 1;
const WIDTH_MASK = 3;

/**
 * widths tells the terminal how many columns a character takes: the same as tables are drawn by.
 * Its own rules are older than most emoji.
 */
export const widths: IUnicodeVersionProvider = {
  version: 'parley',
  wcwidth: (code) => columnOf(String.fromCodePoint(code)),
  charProperties: (code, preceding) => {
    const width = columnOf(String.fromCodePoint(code));
    const before = (preceding >> WIDTH_SHIFT) & WIDTH_MASK;
    // A mark stands on what is before it, and takes that one's width.
    if (width === 0 && before > 0) return (before << WIDTH_SHIFT) | JOINS;
    return width << WIDTH_SHIFT;
  },
};
