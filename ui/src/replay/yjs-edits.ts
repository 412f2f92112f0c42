import * as Y from 'yjs';

/** One replacement in a text that the document holds, and the pieces that it was made of. */
export interface DocEdit {
  index: number;
  removed: number;
  inserted: string;
  /** Clients that wrote what was inserted, and each piece as it was written in one go. */
  pieces: readonly { client: number; text: string }[];
}

type AnyType = Y.AbstractType<unknown>;

/** More changed items than this are found by walking the whole text. */
const MANY = 2000;

/** Where an item of a text stood at last, so that the next change is found from there. */
interface Anchor {
  id: Y.ID;
  index: number;
}

export interface Changed {
  added: Y.Item[];
  deleted: Y.Item[];
}

/**
 * changedItems sorts what a transaction changed by the type it stands in. Only strings count: what
 * else a hostile document puts into a text is not text.
 */
export function changedItems(tr: Y.Transaction): Map<AnyType, Changed> {
  const found = new Map<AnyType, Changed>();
  const note = (item: unknown, kind: keyof Changed) => {
    if (!(item instanceof Y.Item) || !(item.content instanceof Y.ContentString)) return;
    if (!(item.parent instanceof Y.AbstractType) || item.parentSub !== null) return;
    const type = item.parent as AnyType;
    const changed = found.get(type) ?? { added: [], deleted: [] };
    found.set(type, changed);
    changed[kind].push(item);
  };
  tr.afterState.forEach((clock, client) => {
    const before = tr.beforeState.get(client) ?? 0;
    for (const struct of clock > before ? structsFrom(tr.doc, client, before) : [])
      if (!struct.deleted) note(struct, 'added');
  });
  const isNew = ({ id }: Y.AbstractStruct) => id.clock >= (tr.beforeState.get(id.client) ?? 0);
  const gone = [...tr.deleteSet.clients].flatMap(([client, ranges]) =>
    ranges.flatMap(({ clock, len }) => structsFrom(tr.doc, client, clock, clock + len)),
  );
  for (const struct of gone) if (!isNew(struct)) note(struct, 'deleted');
  return found;
}

function structsFrom(doc: Y.Doc, client: number, from: number, to = Infinity): Y.AbstractStruct[] {
  const structs = doc.store.clients.get(client) ?? [];
  const found: Y.AbstractStruct[] = [];
  for (let at = structs.length > 0 ? Y.findIndexSS(structs, from) : 0; at < structs.length; at += 1) {
    const struct = structs[at];
    if (!struct || struct.id.clock >= to) break;
    found.push(struct);
  }
  return found;
}

function textIn(item: Y.Item): string {
  return item.content instanceof Y.ContentString ? item.content.str : '';
}

const visible = (item: Y.Item): number =>
  !item.deleted && item.content instanceof Y.ContentString ? item.length : 0;

/** visibleText is what a person sees of a type that is shown as text. */
export function visibleText(type: AnyType): string {
  const parts: string[] = [];
  for (let item = type._start; item; item = item.right) if (visible(item)) parts.push(textIn(item));
  return parts.join('');
}

/** A split inside of a surrogate pair changes both halves, and no event tells of it. */
export function splitsPair(tr: Y.Transaction, type: AnyType): boolean {
  return tr._mergeStructs.some(
    (struct) => struct instanceof Y.Item && struct.parent === type && textIn(struct).startsWith('\ufffd'),
  );
}

/**
 * EditFinder turns the items that a transaction changed in one text into replacements, in the order
 * in which they can be applied one after the other. Yjs' own events walk the whole text for each
 * transaction, which takes longer than all the rest together.
 */
export class EditFinder {
  readonly #type: AnyType;
  #anchor: Anchor | null = null;

  constructor(type: AnyType) {
    this.#type = type;
  }

  /** `before` is the length of the text until now. */
  find(doc: Y.Doc, { added, deleted }: Changed, before: number): DocEdit[] {
    const fresh = new Set(added);
    const gone = new Set(deleted);
    const changed = new Set([...added, ...deleted]);
    const [one] = changed;
    if (!one) return [];
    const first = changed.size > MANY ? this.#type._start : leftmost(one, changed);
    if (!first) return [];
    const was = (item: Y.Item) => (fresh.has(item) ? 0 : gone.has(item) ? item.length : visible(item));
    const index = first === this.#type._start ? 0 : this.#indexOf(doc, { first, was, before });
    return this.#edits({ first, index, fresh, gone });
  }

  forget(): void {
    this.#anchor = null;
  }

  #edits(walk: { first: Y.Item; index: number; fresh: Set<Y.Item>; gone: Set<Y.Item> }): DocEdit[] {
    const edits: DocEdit[] = [];
    let { index } = walk;
    let left = walk.fresh.size + walk.gone.size;
    let open: { index: number; removed: number; pieces: { client: number; text: string }[] } | null = null;
    const close = () => {
      if (open) edits.push({ ...open, inserted: open.pieces.map((piece) => piece.text).join('') });
      open = null;
    };
    for (let item: Y.Item | null = walk.first; item && left > 0; item = item.right) {
      const isFresh = walk.fresh.has(item);
      if (!isFresh && !walk.gone.has(item)) {
        const size = visible(item);
        if (size > 0) close();
        index += size;
        continue;
      }
      left -= 1;
      open ??= { index, removed: 0, pieces: [] };
      this.#anchor = { id: item.id, index };
      if (isFresh) {
        open.pieces.push({ client: item.id.client, text: textIn(item) });
        index += item.length;
      } else open.removed += item.length;
    }
    close();
    return edits;
  }

  /** Walks both ways from an item until a place is met whose index is known. */
  #indexOf(doc: Y.Doc, at: { first: Y.Item; was: (item: Y.Item) => number; before: number }): number {
    const anchor = this.#anchored(doc, at.was);
    let toLeft = 0;
    let toRight = 0;
    let left: Y.Item | null = at.first;
    let right: Y.Item | null = at.first;
    for (;;) {
      if (anchor && right === anchor.item) return anchor.index - toRight;
      if (anchor && left === anchor.item) return anchor.index + toLeft;
      toRight += at.was(right);
      right = right.right;
      if (!right) return at.before - toRight;
      left = left.left;
      if (!left) return toLeft;
      toLeft += visible(left);
    }
  }

  #anchored(doc: Y.Doc, was: (item: Y.Item) => number): { item: Y.Item; index: number } | null {
    const anchor = this.#anchor;
    if (!anchor) return null;
    const item: unknown = Y.getItem(doc.store, anchor.id);
    if (!(item instanceof Y.Item) || item.parent !== this.#type) return null;
    const inside = was(item) > 0 ? anchor.id.clock - item.id.clock : 0;
    return { item, index: anchor.index - inside };
  }
}

/** Looks both ways until all changed items were met. */
function leftmost(one: Y.Item, changed: ReadonlySet<Y.Item>): Y.Item {
  let first = one;
  let missing = changed.size - 1;
  let left: Y.Item | null = one.left;
  let right: Y.Item | null = one.right;
  while (missing > 0 && (left || right)) {
    if (right && changed.has(right)) missing -= 1;
    if (left && changed.has(left)) {
      missing -= 1;
      first = left;
    }
    left = left?.left ?? null;
    right = right?.right ?? null;
  }
  return first;
}
