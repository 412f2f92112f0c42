/** More marks than this on one character are a drawing over its neighbours, and much work. */
const MOST = 12;

/**
 * What has no width of its own and joins what stands before it: marks, joiners, the later parts of
 * Korean syllables.
 */
const JOINING = String.raw`[\p{M}\p{Cf}\u1160-\u11ff\ud7b0-\ud7ff]`;
const STACKED = new RegExp(`(${JOINING}{${MOST}})${JOINING}+`, 'gu');
const ENDS = new RegExp(`${JOINING}*$`, 'u');
const BEGINS = new RegExp(`^${JOINING}+`, 'u');

/** Text without any of it is most text, and cheaper to look through. */
const ANY = new RegExp(JOINING, 'u');

/** calmMarks leaves as many marks on a character as any script has. */
export function calmMarks(text: string): string {
  return ANY.test(text) ? text.replace(STACKED, '$1') : text;
}

/** MarkLimit is calmMarks for a text that comes in parts. */
export class MarkLimit {
  /** Marks at the end of what has come. */
  #open = 0;

  take(text: string): string {
    if (text === '') return text;
    const first = BEGINS.exec(text)?.[0] ?? '';
    const kept = [...first].slice(0, Math.max(0, MOST - this.#open)).join('');
    const rest = calmMarks(text.slice(first.length));
    this.#open =
      rest === '' ? this.#open + [...kept].length : [...(ENDS.exec(rest.slice(-4 * MOST))?.[0] ?? '')].length;
    return kept + rest;
  }
}
