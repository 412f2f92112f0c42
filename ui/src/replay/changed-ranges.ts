/** Stretches of a text, in order, each new or as it was. */
interface Part {
  size: number;
  fresh: boolean;
}

/** ChangedRanges follows which parts of one text are new while edits are made to it. */
export class ChangedRanges {
  #parts: Part[] = [{ size: Infinity, fresh: false }];

  edit(index: number, removed: number, inserted: number): void {
    const at = this.#cut(index);
    const end = removed > 0 ? this.#cut(index + removed) : at;
    const fresh = inserted > 0 ? [{ size: inserted, fresh: true }] : [];
    this.#parts.splice(at, end - at, ...fresh);
    this.#join(at);
    this.#join(at - 1);
  }

  ranges(): { from: number; to: number }[] {
    const found: { from: number; to: number }[] = [];
    let from = 0;
    for (const { size, fresh } of this.#parts) {
      if (fresh) found.push({ from, to: from + size });
      from += size;
    }
    return found;
  }

  /** Makes a part begin at index, and says which. */
  #cut(index: number): number {
    let start = 0;
    for (let at = 0; at < this.#parts.length; at += 1) {
      const part = this.#parts[at];
      if (!part || index === start) return at;
      if (index < start + part.size) {
        const inside = index - start;
        this.#parts.splice(at, 1, { ...part, size: inside }, { ...part, size: part.size - inside });
        return at + 1;
      }
      start += part.size;
    }
    return this.#parts.length;
  }

  #join(at: number): void {
    const [left, right] = [this.#parts[at], this.#parts[at + 1]];
    if (!left || !right || left.fresh !== right.fresh) return;
    this.#parts.splice(at, 2, { size: left.size + right.size, fresh: left.fresh });
  }
}

/** changedMiddle is what differs between two texts when both ends are the same. */
export function changedMiddle(before: string, after: string): { from: number; to: number }[] {
  const most = Math.min(before.length, after.length);
  let head = 0;
  while (head < most && before.charCodeAt(head) === after.charCodeAt(head)) head += 1;
  let tail = 0;
  while (
    tail < most - head &&
    before.charCodeAt(before.length - 1 - tail) === after.charCodeAt(after.length - 1 - tail)
  )
    tail += 1;
  return head < after.length - tail ? [{ from: head, to: after.length - tail }] : [];
}
