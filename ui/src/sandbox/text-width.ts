/** Most of East Asia's characters and emoji take two columns of a terminal. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
/** Marks that stand on the character before them, and what cannot be seen. */
const NONE = /\p{Mn}|\p{Me}|[\u200b-\u200f\u2060\ufe00-\ufe0f\ufeff\u{1f3fb}-\u{1f3ff}\u{e0000}-\u{e01ef}]/u;

/** columnOf says how many columns of a terminal one character takes: 0, 1 or 2. */
export function columnOf(char: string): 0 | 1 | 2 {
  if (char < '\u0300') return 1;
  if (NONE.test(char)) return 0;
  return WIDE.test(char) ? 2 : 1;
}

/** columnsOf says how many columns of a terminal a text takes. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const char of text) columns += columnOf(char);
  return columns;
}
