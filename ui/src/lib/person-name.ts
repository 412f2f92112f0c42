/** Longest name shown anywhere, in characters as people count them (code points). */
export const MAX_NAME_LENGTH = 40;

// Control, format (bidi overrides, zero-width), surrogate halves, private use and line separators.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu;

/** More combining marks than this on one letter is a drawing over the neighbours, not a name. */
const STACKED_MARKS = /(\p{M}{3})\p{M}+/gu;

/**
 * cleanName makes a name safe to show beside others: nothing invisible, nothing that turns the text
 * around, at most MAX_NAME_LENGTH code points. It is still text, never markup.
 */
export function cleanName(raw: string): string {
  const printable = raw.slice(0, 4 * MAX_NAME_LENGTH).replace(UNPRINTABLE, '');
  const calm = printable.replace(STACKED_MARKS, '$1').replace(/\s+/g, ' ').trim();
  return [...calm].slice(0, MAX_NAME_LENGTH).join('').trim();
}

/** initials gives one or two letters for an avatar. */
export function initials(name: string): string {
  const words = cleanName(name).split(' ').filter(Boolean);
  const letters = words.length > 1 ? [words[0], words[words.length - 1]] : words;
  return (
    letters
      .map((word) => [...(word ?? '')][0] ?? '')
      .join('')
      .toUpperCase() || '?'
  );
}
