import { ChunkedText } from './chunked-text';
import { EMPTY_SIDE, NOBODY, SIDE, SIDE_KEYS, type Columns, type Keyframe, type SideState } from './tape';

/** A keyframe stands after this many operations, or after this many units of changed text. */
const KEYFRAME_OPS = 4096;
const KEYFRAME_UNITS = 4 << 20;

/** Keyframes hold at most so many units of text together; past it every second one goes. */
const KEYFRAME_BUDGET = 48 << 20;

/** A tape holds so many operations and units of changed text. */
const MAX_OPS = 4_000_000;
const MAX_UNITS = 192 << 20;

/** A text has so many units. An editor that gets more stands still for seconds. */
const MAX_TEXT = 16 << 20;

/** The tape has grown past its bounds. */
export class TapeFull extends Error {}

/** Grown holds the columns while their end is not known. */
class Grown {
  columns: Columns = columnsOf(1024);

  room(): number {
    const { columns } = this;
    if (columns.count === columns.time.length) this.columns = copied(columns, columns.count * 2);
    this.columns.count += 1;
    return this.columns.count - 1;
  }

  exact(): Columns {
    return copied(this.columns, this.columns.count);
  }
}

function columnsOf(size: number): Columns {
  return {
    count: 0,
    time: new Float64Array(size),
    target: new Uint32Array(size),
    index: new Uint32Array(size),
    removed: new Uint32Array(size),
    inserted: new Uint32Array(size),
    by: new Uint16Array(size),
  };
}

function copied(from: Columns, size: number): Columns {
  const to = columnsOf(size);
  to.count = from.count;
  for (const key of ['time', 'target', 'index', 'removed', 'inserted', 'by'] as const)
    to[key].set(from[key].subarray(0, from.count));
  return to;
}

/** TapeWriter appends operations and keeps the texts as they stand. */
export class TapeWriter {
  readonly texts: string[] = [];
  readonly contents: string[] = [];
  readonly values: unknown[] = SIDE_KEYS.map((key) => EMPTY_SIDE[key]);
  readonly #grown = new Grown();
  readonly #current: ChunkedText[] = [];
  readonly #removed: string[] = [];
  readonly #inserted: string[] = [];
  readonly #side = Uint32Array.from(SIDE_KEYS, (_, index) => index);
  #removedAt = 0;
  #insertedAt = 0;
  #opsSince = 0;
  #unitsSince = 0;
  #spacing = 1;
  #budget = 0;
  keyframes: Keyframe[] = [];
  readonly #stored = new Map<number, { text: string; content: number }>();

  get position(): number {
    return this.#grown.columns.count;
  }

  get columns(): Columns {
    return this.#grown.columns;
  }

  addText(name: string): number {
    this.#current.push(new ChunkedText());
    return this.texts.push(name) - 1;
  }

  text(target: number): ChunkedText {
    const text = this.#current[target];
    if (!text) throw new RangeError('no such text');
    return text;
  }

  /** Replaces text and gives what stood there. `at` is in ms since the epoch. */
  edit(at: number, by: number, edit: { target: number; index: number; removed: number; inserted: string }) {
    const gone = this.text(edit.target).splice(edit.index, edit.removed, edit.inserted);
    const row = this.#row(at, by, edit.target);
    const { columns } = this.#grown;
    columns.index[row] = edit.index;
    columns.removed[row] = gone.length;
    columns.inserted[row] = edit.inserted.length;
    this.#removed.push(gone);
    this.#inserted.push(edit.inserted);
    this.#removedAt += gone.length;
    this.#insertedAt += edit.inserted.length;
    this.#unitsSince += gone.length + edit.inserted.length;
    const full = this.#removedAt + this.#insertedAt > MAX_UNITS;
    if (full || this.text(edit.target).length > MAX_TEXT) throw new TapeFull();
    return gone;
  }

  set(at: number, key: keyof SideState, value: unknown): void {
    const slot = SIDE_KEYS.indexOf(key);
    const row = this.#row(at, NOBODY, SIDE + slot);
    const { columns } = this.#grown;
    columns.removed[row] = this.#side[slot] ?? 0;
    this.#side[slot] = columns.inserted[row] = this.values.push(value) - 1;
  }

  side(key: keyof SideState): unknown {
    return this.values[this.#side[SIDE_KEYS.indexOf(key)] ?? 0];
  }

  /** Called between two entries, where a keyframe may stand. */
  settle(): void {
    const due = KEYFRAME_OPS * this.#spacing;
    if (this.#opsSince < due && this.#unitsSince < KEYFRAME_UNITS * this.#spacing) return;
    this.#opsSince = this.#unitsSince = 0;
    this.keyframes.push(this.#keyframe());
    if (this.#budget > KEYFRAME_BUDGET) this.#thin();
  }

  finish() {
    return {
      columns: this.#grown.exact(),
      removedText: this.#removed.join(''),
      insertedText: this.#inserted.join(''),
      keyframes: this.keyframes,
      contents: this.contents,
      values: this.values,
      texts: this.texts,
    };
  }

  #row(at: number, by: number, target: number): number {
    const row = this.#grown.room();
    if (row >= MAX_OPS) throw new TapeFull();
    const { columns } = this.#grown;
    columns.time[row] = at;
    columns.by[row] = by;
    columns.target[row] = target;
    this.#opsSince += 1;
    return row;
  }

  #keyframe(): Keyframe {
    const pairs: number[] = [];
    this.#current.forEach((current, target) => {
      if (current.length === 0) return;
      const text = current.toString();
      let stored = this.#stored.get(target);
      if (stored?.text !== text) {
        stored = { text, content: this.contents.push(text) - 1 };
        this.#stored.set(target, stored);
        this.#budget += text.length;
      }
      pairs.push(target, stored.content);
    });
    this.#budget += pairs.length;
    return {
      position: this.position,
      removedAt: this.#removedAt,
      insertedAt: this.#insertedAt,
      texts: Uint32Array.from(pairs),
      side: this.#side.slice(),
    };
  }

  #thin(): void {
    this.#spacing *= 2;
    this.keyframes = this.keyframes.filter((_, index) => index % 2 === 1);
    const used = new Set(this.keyframes.flatMap(({ texts }) => [...texts].filter((_, index) => index % 2)));
    this.#budget = this.keyframes.reduce((sum, { texts }) => sum + texts.length, 0);
    // Indexes stay as they are; what nobody shows any more is emptied.
    this.contents.forEach((text, index) => {
      if (used.has(index)) this.#budget += text.length;
      else this.contents[index] = '';
    });
    this.#stored.clear();
  }
}
