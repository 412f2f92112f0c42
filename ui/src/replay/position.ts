import { ChunkedText } from './chunked-text';
import { SIDE, SIDE_KEYS, type SideState, type Tape } from './tape';

/** Walking over this many operations costs as much as beginning at a keyframe. */
const NEAR = 2048;

/** A text as it is now. Whoever changes it in a later walk makes a copy first. */
interface Held {
  text: ChunkedText;
  walk: number;
}

/** What stood at a position; it stays as it is when the walk goes on. */
export interface Standing {
  texts: readonly (Held | undefined)[];
  side: Readonly<Uint32Array>;
}

/** Position is a place on the tape, between two operations, and all that stands there. */
export class Position {
  readonly #tape: Tape;
  at = 0;
  #removedAt = 0;
  #insertedAt = 0;
  #texts: (Held | undefined)[] = [];
  #side: Uint32Array = Uint32Array.from(SIDE_KEYS, (_, index) => index);
  #walk = 1;

  constructor(tape: Tape) {
    this.#tape = tape;
  }

  /** Goes to before operation `to`. */
  moveTo(to: number): void {
    // What was given out stays as it is: this walk makes its own copies.
    this.#walk += 1;
    this.#texts = this.#texts.slice();
    this.#side = this.#side.slice();
    this.#jump(to);
    while (this.at < to) this.#forward();
    while (this.at > to) this.#backward();
  }

  standing(): Standing {
    return { texts: this.#texts, side: this.#side };
  }

  /** Begins at a keyframe when one is clearly nearer than where we are. */
  #jump(to: number): void {
    let best = Math.abs(to - this.at) - NEAR;
    let found: Tape['keyframes'][number] | 'start' | null = null;
    if (to < best) [best, found] = [to, 'start'];
    for (const frame of this.#tape.keyframes) {
      const distance = Math.abs(to - frame.position);
      if (distance < best) [best, found] = [distance, frame];
    }
    if (found === 'start') this.#load(null);
    else if (found) this.#load(found);
  }

  #load(frame: Tape['keyframes'][number] | null): void {
    this.at = frame?.position ?? 0;
    this.#removedAt = frame?.removedAt ?? 0;
    this.#insertedAt = frame?.insertedAt ?? 0;
    this.#texts = [];
    this.#side = frame ? frame.side.slice() : Uint32Array.from(SIDE_KEYS, (_, index) => index);
    const pairs = frame?.texts ?? new Uint32Array();
    for (let at = 0; at < pairs.length; at += 2) {
      const text = ChunkedText.of(this.#tape.contents[pairs[at + 1] ?? 0] ?? '');
      this.#texts[pairs[at] ?? 0] = { text, walk: this.#walk };
    }
  }

  #forward(): void {
    const { columns, insertedText } = this.#tape;
    const row = this.at;
    const target = columns.target[row] ?? 0;
    const removed = columns.removed[row] ?? 0;
    const inserted = columns.inserted[row] ?? 0;
    this.at += 1;
    if (target >= SIDE) {
      this.#side[target - SIDE] = inserted;
      return;
    }
    const text = insertedText.slice(this.#insertedAt, this.#insertedAt + inserted);
    this.#own(target).splice(columns.index[row] ?? 0, removed, text);
    this.#insertedAt += inserted;
    this.#removedAt += removed;
  }

  #backward(): void {
    const { columns, removedText } = this.#tape;
    this.at -= 1;
    const row = this.at;
    const target = columns.target[row] ?? 0;
    const removed = columns.removed[row] ?? 0;
    const inserted = columns.inserted[row] ?? 0;
    if (target >= SIDE) {
      this.#side[target - SIDE] = removed;
      return;
    }
    this.#insertedAt -= inserted;
    this.#removedAt -= removed;
    const text = removedText.slice(this.#removedAt, this.#removedAt + removed);
    this.#own(target).splice(columns.index[row] ?? 0, inserted, text);
  }

  #own(target: number): ChunkedText {
    const held = this.#texts[target];
    if (held?.walk === this.#walk) return held.text;
    const text = held ? held.text.clone() : new ChunkedText();
    this.#texts[target] = { text, walk: this.#walk };
    return text;
  }
}

export function sideOf<K extends keyof SideState>(tape: Tape, standing: Standing, key: K): SideState[K] {
  return tape.values[standing.side[SIDE_KEYS.indexOf(key)] ?? 0] as SideState[K];
}
