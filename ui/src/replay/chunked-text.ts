/** Chunks are cut to this many UTF-16 units, so that an edit copies little of a long text. */
const CHUNK = 2048;

/**
 * ChunkedText is a text that takes edits at any place without being copied whole. An edit changes
 * it; clone makes a second one that shares all chunks.
 */
export class ChunkedText {
  #chunks: string[] = [];
  #length = 0;
  #whole: string | null = '';
  // Where the last edit was found: the next one is nearly always close.
  #chunk = 0;
  #offset = 0;

  static of(text: string): ChunkedText {
    const made = new ChunkedText();
    made.#chunks = cut(text);
    made.#length = text.length;
    made.#whole = text;
    return made;
  }

  clone(): ChunkedText {
    const copy = new ChunkedText();
    copy.#chunks = this.#chunks.slice();
    copy.#length = this.#length;
    copy.#whole = this.#whole;
    return copy;
  }

  get length(): number {
    return this.#length;
  }

  /** Puts text where `removed` units from `index` on stood, and gives what stood there. */
  splice(index: number, removed: number, text: string): string {
    this.#find(index);
    const at = this.#chunk;
    const inside = index - this.#offset;
    const first = this.#chunks[at] ?? '';
    let gone = first.slice(inside, inside + removed);
    let tail = first.slice(inside + removed);
    let last = at;
    while (gone.length < removed && last + 1 < this.#chunks.length) {
      last += 1;
      const next = this.#chunks[last] ?? '';
      const missing = removed - gone.length;
      gone += next.slice(0, missing);
      tail = next.slice(missing);
    }
    const joined = first.slice(0, inside) + text + tail;
    if (last === at && joined.length > 0 && joined.length <= 2 * CHUNK) this.#chunks[at] = joined;
    else this.#replace(at, last, cut(joined));
    this.#length += text.length - gone.length;
    this.#whole = null;
    return gone;
  }

  slice(from: number, to: number): string {
    if (this.#whole !== null) return this.#whole.slice(from, to);
    this.#find(from);
    let start = from - this.#offset;
    let found = '';
    for (let at = this.#chunk; at < this.#chunks.length && found.length < to - from; at += 1) {
      found += (this.#chunks[at] ?? '').slice(start, start + to - from - found.length);
      start = 0;
    }
    return found;
  }

  /** The same string again as long as nothing changes. */
  toString(): string {
    this.#whole ??= this.#chunks.join('');
    return this.#whole;
  }

  /** Puts parts in place of chunks `from` to `to`, both inclusive. Spread would have a limit. */
  #replace(from: number, to: number, parts: string[]): void {
    if (parts.length < 1000) this.#chunks.splice(from, to - from + 1, ...parts);
    else this.#chunks = this.#chunks.slice(0, from).concat(parts, this.#chunks.slice(to + 1));
    if (from < this.#chunks.length || from === 0) return;
    this.#chunk = from - 1;
    this.#offset -= this.#chunks[from - 1]?.length ?? 0;
  }

  #find(index: number): void {
    while (this.#chunk > 0 && index < this.#offset) {
      this.#chunk -= 1;
      this.#offset -= this.#chunks[this.#chunk]?.length ?? 0;
    }
    for (;;) {
      const size = this.#chunks[this.#chunk]?.length ?? 0;
      if (index <= this.#offset + size || this.#chunk + 1 >= this.#chunks.length) return;
      this.#offset += size;
      this.#chunk += 1;
    }
  }
}

function cut(text: string): string[] {
  if (text.length <= 2 * CHUNK) return text ? [text] : [];
  const chunks: string[] = [];
  for (let from = 0; from < text.length; from += CHUNK) chunks.push(text.slice(from, from + CHUNK));
  return chunks;
}
