import type { InsertionSource } from './replay';

/** An insertion gets a mark from this size on. */
const MIN_LINES = 2;
const MIN_CHARACTERS = 40;

/** Of what was removed so much is remembered, to tell where text comes from. */
const MAX_CHUNKS = 400;
const MAX_UNITS = 2 << 20;

/** How near in place and time a removed text has to be for its return to be an undo. */
const UNDO_UNITS = 200;
const UNDO_MS = 10 * 60_000;

export interface Size {
  lines: number;
  characters: number;
}

/**
 * insertionSize says how much stands in a text; null when it is too little for a mark. What an
 * editor types of itself (line ends, indentation, closing brackets and quotes) does not count.
 */
export function insertionSize(text: string): Size | null {
  if (text.length < MIN_CHARACTERS && !text.includes('\n')) return null;
  const core = text.trim();
  const lines = core.split('\n');
  const typed = lines.filter((line) => /[^\s)\]}>"'`;,]/.test(line));
  if (typed.length === 0) return null;
  const enough = typed.length >= MIN_LINES || core.length >= MIN_CHARACTERS;
  return enough ? { lines: lines.length, characters: core.length } : null;
}

/** Formatters change white space, quotes, commas and semicolons, and leave the rest. */
function tokens(text: string): string {
  return text.replace(/[\s;,]+/g, '').replace(/["`]/g, "'");
}

/** Editors change the indentation of what is pasted. */
function squeezed(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

interface Removed {
  by: number;
  target: number;
  index: number;
  text: string;
  at: number;
}

/** What is asked about one insertion. */
export interface Insertion {
  by: number;
  target: number;
  index: number;
  text: string;
  at: number;
  /** All that the same change removed from and inserted into the same text. */
  allRemoved: string;
  allInserted: string;
}

/** Insertions tells where inserted text came from, as far as the session itself can tell. */
export class Insertions {
  readonly #starter: string[] = [];
  readonly #removed: Removed[] = [];
  #units = 0;

  /** What stood there before anybody typed. */
  addStarter(text: string): void {
    const plain = squeezed(text);
    if (plain && this.#starter.length < 200) this.#starter.push(plain);
  }

  /** Text removed key by key becomes one piece again. */
  addRemoved(removed: Removed): void {
    const last = this.#removed.at(-1);
    this.#units += removed.text.length;
    if (last?.by === removed.by && last.target === removed.target) {
      const backwards = removed.index + removed.text.length === last.index;
      if (backwards || removed.index === last.index) {
        last.text = backwards ? removed.text + last.text : last.text + removed.text;
        last.index = removed.index;
        last.at = removed.at;
        return;
      }
    }
    this.#removed.push({ ...removed });
    while (this.#removed.length > MAX_CHUNKS || (this.#units > MAX_UNITS && this.#removed.length > 1))
      this.#units -= this.#removed.shift()?.text.length ?? 0;
  }

  /** `standing` gives all texts as they stood before the insertion; it is asked last. */
  source(insertion: Insertion, standing: () => Iterable<string>, assistant: () => string): InsertionSource {
    const { by, target, index, at } = insertion;
    const text = squeezed(insertion.text);
    const holds = (other: string) => squeezed(other).includes(text);
    const undone = this.#removed.some(
      (chunk) =>
        chunk.by === by &&
        chunk.target === target &&
        at - chunk.at <= UNDO_MS &&
        Math.abs(chunk.index - index) <= UNDO_UNITS &&
        holds(chunk.text),
    );
    if (undone) return 'undo';
    const before = tokens(insertion.allRemoved);
    if (before && before === tokens(insertion.allInserted)) return 'formatter';
    if (this.#starter.some((starter) => starter.includes(text))) return 'starter';
    if (holds(insertion.allRemoved) || this.#removed.some((chunk) => holds(chunk.text))) return 'moved';
    for (const other of standing()) if (holds(other)) return 'moved';
    return holds(assistant()) ? 'assistant' : 'new';
  }
}
