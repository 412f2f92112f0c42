import * as Y from 'yjs';
import { changedItems, EditFinder, splitsPair, visibleText, type Changed, type DocEdit } from './yjs-edits';
import { sameSide, SideReader } from './side-state';
import type { RunState, SideState } from './tape';
import { TapeFull, type TapeWriter } from './tape-writer';

type AnyType = Y.AbstractType<unknown>;

/** A document has so many texts here: files, the prompt, outputs of runs. */
const MAX_TEXTS = 100_000;

const FILE_TEXT = /^file:[A-Za-z0-9_-]{1,64}$/;

/** One replacement as it goes onto the tape, with what it takes the place of. */
export interface PlannedEdit extends DocEdit {
  target: number;
  gone: string;
}

/** What one transaction does. */
export interface Change {
  edits: readonly PlannedEdit[];
  side: readonly { key: keyof SideState; value: unknown }[];
}

interface Followed {
  target: number;
  finder: EditFinder;
}

/**
 * MainDocument applies the updates of the session's document and says what each transaction changes
 * in plain words. Yjs is not needed after it.
 */
export class MainDocument {
  readonly doc = new Y.Doc();
  readonly #writer: TapeWriter;
  readonly #side: SideReader;
  readonly #followed = new Map<AnyType, Followed | null>();
  readonly #runStarts = new Map<AnyType, number>();
  readonly #rootNames = new Map<AnyType, string>();
  /** Goes on where it stood when the document gets new roots. */
  readonly #roots = this.doc.share.entries();
  #rootsSeen = 0;
  readonly #onChange: (change: Change) => void;
  #now = 0;
  #fault: unknown = null;
  /** Texts and states that were left out because there are too many. */
  skipped = 0;

  constructor(writer: TapeWriter, onChange: (change: Change) => void) {
    this.#writer = writer;
    this.#onChange = onChange;
    this.doc.getText('prompt');
    this.#side = new SideReader(this.doc, {
      output: (map) => {
        const text = map.get('output');
        return text instanceof Y.Text ? (this.#follow(text as AnyType)?.target ?? -1) : -1;
      },
      startedAt: (map) => this.#startOf(map as AnyType),
    });
    this.doc.on('afterTransaction', (tr: Y.Transaction) => this.#after(tr));
  }

  /** Throws what Yjs throws for a malformed update, and TapeFull. */
  apply(update: Uint8Array, at: number): void {
    this.#now = at;
    this.#fault = null;
    try {
      Y.applyUpdate(this.doc, update);
    } finally {
      this.#bound();
      this.#rethrow();
    }
  }

  /** Only a full tape ends the compilation. */
  #rethrow(): void {
    if (this.#fault instanceof TapeFull) throw this.#fault;
    if (this.#fault) this.skipped += 1;
  }

  /** Updates whose cause never came must not pile up: each one would be merged with all others. */
  #bound(): void {
    const { store } = this.doc;
    if ((store.pendingStructs?.update.length ?? 0) > 1 << 20) {
      store.pendingStructs = null;
      this.skipped += 1;
    }
    if ((store.pendingDs?.length ?? 0) > 1 << 20) store.pendingDs = null;
  }

  get waiting(): boolean {
    return this.doc.store.pendingStructs !== null;
  }

  /** Texts that differ from the document, put right. Never needed as far as we know. */
  repair(): Change {
    const edits: PlannedEdit[] = [];
    for (const [type, followed] of this.#followed) {
      if (!followed || type._item?.deleted) continue;
      const edit = this.#difference(type, followed);
      if (edit) edits.push(edit);
    }
    return { edits, side: [] };
  }

  #after(tr: Y.Transaction): void {
    try {
      const edits: PlannedEdit[] = [];
      for (const [type, changed] of changedItems(tr)) {
        const followed = this.#follow(type);
        if (followed) edits.push(...this.#edits(tr, { type, followed, changed }));
      }
      const side = [...this.#side.touched(tr)].flatMap((key) => this.#newState(key));
      if (edits.length > 0 || side.length > 0) this.#onChange({ edits, side });
    } catch (fault) {
      this.#fault ??= fault;
    }
  }

  #newState(key: keyof SideState): { key: keyof SideState; value: unknown }[] {
    const value = this.#side.read(key);
    if (value === undefined) this.skipped += 1;
    return value === undefined || sameSide(value, this.#writer.side(key)) ? [] : [{ key, value }];
  }

  #edits(tr: Y.Transaction, at: { type: AnyType; followed: Followed; changed: Changed }): PlannedEdit[] {
    const { type, followed } = at;
    const text = this.#writer.text(followed.target);
    const found = followed.finder.find(tr.doc, at.changed, text.length);
    const planned: PlannedEdit[] = [];
    let shift = 0;
    for (const edit of found) {
      const old = edit.index - shift;
      if (old < 0 || old + edit.removed > text.length) return this.#whole(at);
      const gone = edit.removed > 0 ? text.slice(old, old + edit.removed) : '';
      shift += edit.inserted.length - edit.removed;
      const short = trimmed({ ...edit, target: followed.target, gone });
      if (short.removed > 0 || short.inserted) planned.push(short);
    }
    return splitsPair(tr, type) ? this.#whole(at) : planned;
  }

  #whole({ type, followed }: { type: AnyType; followed: Followed }): PlannedEdit[] {
    followed.finder.forget();
    const edit = this.#difference(type, followed);
    return edit ? [edit] : [];
  }

  #difference(type: AnyType, { target }: Followed): PlannedEdit | null {
    const inserted = visibleText(type);
    const gone = this.#writer.text(target).toString();
    if (inserted === gone) return null;
    return trimmed({ target, index: 0, removed: gone.length, gone, inserted, pieces: [] });
  }

  #follow(type: AnyType): Followed | null {
    const known = this.#followed.get(type);
    if (known !== undefined) return known;
    const name = this.#nameOf(type);
    let followed: Followed | null = null;
    if (name && this.#writer.texts.length >= MAX_TEXTS) this.skipped += 1;
    else if (name) followed = { target: this.#writer.addText(name), finder: new EditFinder(type) };
    this.#followed.set(type, followed);
    return followed;
  }

  #nameOf(type: AnyType): string | null {
    if (type._item === null) {
      const name = this.#rootName(type);
      return name === 'prompt' || FILE_TEXT.test(name) ? name : null;
    }
    const run = type._item.parentSub === 'output' ? type._item.parent : null;
    const isRun = run instanceof Y.Map && run._item?.parent === this.doc.getArray('runs');
    return isRun ? `run:${this.#writer.texts.length}` : null;
  }

  /** Each root is looked at once: whoever makes thousands of them must not make this slow. */
  #rootName(type: AnyType): string {
    while (this.#rootsSeen < this.doc.share.size) {
      const { value } = this.#roots.next() as { value?: [string, unknown] };
      this.#rootsSeen += 1;
      if (value) this.#rootNames.set(value[1] as AnyType, value[0]);
    }
    return this.#rootNames.get(type) ?? '';
  }

  #startOf(run: AnyType): number {
    const known = this.#runStarts.get(run);
    if (known === undefined) this.#runStarts.set(run, this.#now);
    return known ?? this.#now;
  }
}

/** A replacement without what is the same at both ends. */
function trimmed(edit: PlannedEdit): PlannedEdit {
  const { gone, inserted } = edit;
  const most = Math.min(gone.length, inserted.length);
  if (most === 0) return edit;
  let head = 0;
  while (head < most && gone.charCodeAt(head) === inserted.charCodeAt(head)) head += 1;
  let tail = 0;
  const at = (text: string) => text.charCodeAt(text.length - 1 - tail);
  while (tail < most - head && at(gone) === at(inserted)) tail += 1;
  if (head + tail === 0) return edit;
  return {
    ...edit,
    index: edit.index + head,
    removed: gone.length - head - tail,
    gone: gone.slice(head, gone.length - tail),
    inserted: inserted.slice(head, inserted.length - tail),
    pieces: cutPieces(edit.pieces, head, inserted.length - tail),
  };
}

function cutPieces(pieces: DocEdit['pieces'], from: number, to: number): DocEdit['pieces'] {
  let at = 0;
  return pieces.flatMap(({ client, text }) => {
    const start = at;
    at += text.length;
    const kept = text.slice(Math.max(0, from - start), Math.max(0, to - start));
    return kept ? [{ client, text: kept }] : [];
  });
}

/** Runs that have ended since, by two states of the list. */
export function endedRuns(before: unknown, after: unknown): RunState[] {
  const old = new Map((before as readonly RunState[]).map((run) => [run.id, run.status]));
  return (after as readonly RunState[]).filter(
    (run) => run.status !== 'running' && (old.get(run.id) ?? 'running') === 'running',
  );
}
