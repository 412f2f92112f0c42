/** Longest name shown anywhere, in characters as people count them (code points). */
export const MAX_NAME_LENGTH = 40;

// Control, format (bidi overrides, zero-width), surrogate halves and private use. The joiners stay
// at first: emoji and some scripts need them.
const UNPRINTABLE = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Co}]/gu;

/** White space and what looks like it. The server has the same, in pkg/session/clean.go. */
const BLANKS = /[\s\u0085\u2028\u2029\u3164\uffa0\u2800]+/gu;

/** What a name has to have one of. Fillers of Hangul and an empty note are drawn as nothing. */
const VISIBLE = /(?![\u115f\u1160\u3164\uffa0\u2800\u{1d159}])[\p{L}\p{N}\p{P}\p{S}]/u;

/** More combining marks than this on one letter is a drawing over the neighbours, not a name. */
const STACKED_MARKS = /(\p{M}{3})\p{M}+/gu;

/** A joiner beside anything else joins nothing: with it two names could look alike. */
const JOINED = /(?!\p{sc=Latn})[\p{L}\p{M}\p{S}]/u;

function withoutIdleJoiners(text: string): string {
  if (!/[\u200c\u200d]/.test(text)) return text;
  const chars = [...text];
  let kept = '';
  let before = '';
  chars.forEach((char, index) => {
    const joiner = char === '\u200c' || char === '\u200d';
    if (joiner && !(JOINED.test(before) && JOINED.test(chars[index + 1] ?? ''))) return;
    kept += char;
    before = char;
  });
  return kept;
}

/**
 * cleanName makes a name safe to show beside others: nothing invisible, nothing that turns the text
 * around, at most MAX_NAME_LENGTH code points. "": nothing of it can be seen. It is still text,
 * never markup.
 */
export function cleanName(raw: string): string {
  const printable = raw
    .slice(0, 4 * MAX_NAME_LENGTH)
    .replace(BLANKS, ' ')
    .replace(UNPRINTABLE, '');
  const calm = withoutIdleJoiners(printable.replace(STACKED_MARKS, '$1')).trim();
  const name = [...calm.replace(/ +/g, ' ')].slice(0, MAX_NAME_LENGTH).join('').trim();
  return VISIBLE.test(name) ? name : '';
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
