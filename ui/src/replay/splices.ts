import type { Splice } from './replay';

/** A stretch of the text before, and how long what stands in its place is. */
interface Part {
  from: number;
  removed: number;
  inserted: number;
}

/**
 * Splices sums up edits that follow each other. Its parts do not touch, stand in order, and count
 * their places in the text before all edits. So an editor can take them in one go, and edits at
 * two ends of a text do not make it write what lies between them.
 */
export class Splices {
  #parts: Part[] = [];

  /** An edit of the text as it is after all edits before this one. */
  edit(index: number, removed: number, inserted: number): void {
    const end = index + removed;
    let shift = 0;
    let first = 0;
    for (; first < this.#parts.length; first += 1) {
      const part = this.#parts[first];
      if (!part || part.from + shift + part.inserted >= index) break;
      shift += part.inserted - part.removed;
    }
    const merged: Part = { from: index - shift, removed, inserted };
    let last = first;
    for (; last < this.#parts.length; last += 1) {
      const part = this.#parts[last];
      if (!part || part.from + shift > end) break;
      swallow(merged, part, { shift, index, end });
      shift += part.inserted - part.removed;
    }
    this.#parts.splice(first, last - first, merged);
  }

  /** `slice` reads the text after all edits. */
  list(slice: (from: number, to: number) => string): Splice[] {
    let shift = 0;
    return this.#parts.map(({ from, removed, inserted }) => {
      const start = from + shift;
      shift += inserted - removed;
      return { index: from, removed, inserted: inserted > 0 ? slice(start, start + inserted) : '' };
    });
  }
}

/** Makes an edit hold a part that it meets, of which the edit may have removed some. */
function swallow(merged: Part, part: Part, edit: { shift: number; index: number; end: number }): void {
  const start = part.from + edit.shift;
  const stop = start + part.inserted;
  const left = Math.max(0, edit.index - start);
  const right = Math.max(0, stop - edit.end);
  const hit = Math.max(0, Math.min(stop, edit.end) - Math.max(start, edit.index));
  if (start < edit.index) merged.from = part.from;
  merged.removed += part.removed - hit;
  merged.inserted += left + right;
}
