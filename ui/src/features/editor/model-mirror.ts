/**
 * The fence around y-monaco 0.1.6. It turns edits of one side into edits of the other, one by one.
 * Its faults are kept out from here:
 *
 * 1. It writes a change of others into the model at once, also into a word that an input method is
 *    still composing. The word is then broken. So changes in that line wait.
 * 2. It takes each unit of the shared text for one of the model. What is not text, "\r\n" and
 *    surrogate pairs that were cut put all later edits into the wrong place.
 * 3. Presence. A malformed selection of anybody throws inside of every later update. So y-monaco is
 *    given no editor and no presence: remote-cursors.ts and own-cursors.ts do that part.
 *
 * y-monaco therefore binds the model to a copy of the text as the model can show it. An alignment
 * says where each part of it stands in the shared text.
 */
import type * as Monaco from 'monaco-editor/editor';
import { MonacoBinding } from 'y-monaco';
import type * as Y from 'yjs';
import { Alignment, type Edit } from '../../sync/alignment';
import { plainText } from '../../sync/plain-text';
import { changeBetween } from '../../sync/text-field';

/** After so long without a change both sides are compared as a whole, in milliseconds. */
const COMPARE_MS = 300;

/**
 * How long changes of others in the line of a composition wait for its end, in milliseconds. Then
 * the composition is ended.
 */
export const COMPOSE_MS = 8_000;

export interface MirrorOptions {
  monaco: typeof Monaco;
  model: Monaco.editor.ITextModel;
  text: Y.Text;
  /** The line in which an input method composes a word; null: none does. */
  composing: () => number | null;
  /** Ends the composition, as if the person had taken what it shows. */
  endComposition: () => void;
  /** Runs a change of others in a way that keeps the view where it is. */
  keepView: (change: () => void) => void;
  /** Called when the shared text has something that no text of ours has. */
  onForeign: () => void;
}

type Tell = (event: { delta: Y.YTextEvent['delta'] }) => void;

/** ModelMirror is the origin of what is typed in its model. */
export class ModelMirror {
  readonly #options: MirrorOptions;
  readonly #stops: (() => void)[];
  #alignment = Alignment.equal(0);
  #foreign = false;
  /** Our own change of one side is on its way to the other. */
  #busy = false;
  /** What y-monaco writes in the transaction that is open. */
  #written: Edit[] = [];
  /** How y-monaco learns of a change of its text. */
  #tell: Tell = () => undefined;
  #compare: ReturnType<typeof setTimeout> | undefined;
  #patience: ReturnType<typeof setTimeout> | undefined;

  constructor(options: MirrorOptions) {
    this.#options = options;
    const { monaco, model, text } = options;
    model.setEOL(monaco.editor.EndOfLineSequence.LF);
    this.#read();
    text.observe(this.#onText);
    const binding = new MonacoBinding(this.#shownText as unknown as Y.Text, model);
    this.#stops = [() => text.unobserve(this.#onText), () => binding.destroy()];
  }

  dispose(): void {
    clearTimeout(this.#compare);
    clearTimeout(this.#patience);
    for (const stop of this.#stops) stop();
  }

  /** The part of a Y.Text that y-monaco uses. */
  readonly #shownText = {
    doc: {
      on: () => undefined,
      off: () => undefined,
      transact: (change: () => void) => {
        this.#written = [];
        change();
        this.#write(this.#written);
      },
    },
    observe: (listener: Tell) => void (this.#tell = listener),
    unobserve: () => void (this.#tell = () => undefined),
    toString: () => this.#read(),
    delete: (at: number, remove: number) => void this.#written.push({ at, remove, insert: '' }),
    insert: (at: number, insert: string) => {
      const last = this.#written.at(-1);
      if (last?.at === at && last.insert === '') last.insert = insert;
      else this.#written.push({ at, remove: 0, insert });
    },
  };

  /** reread makes the model equal to the shared text by the smallest change. */
  reread(): void {
    const shown = this.#read();
    const change = changeBetween(this.#options.model.getValue(), shown, shown.length);
    if (change) this.#apply([change]);
  }

  #read(): string {
    const { shown, alignment, foreign } = plainText(this.#options.text);
    this.#alignment = alignment;
    this.#foreign = foreign;
    if (foreign) this.#options.onForeign();
    return shown;
  }

  /** settle shows what was held back; all of it when no composition is open. */
  settle(): void {
    const { model, text, composing } = this.#options;
    if (this.#alignment.same || this.#foreign || model.isDisposed()) return;
    const line = composing();
    const edits = this.#alignment.settle(text.toString(), (edit) => this.#touches(edit, line));
    if (edits.length > 0) this.#apply(edits);
    if (this.#alignment.same) {
      clearTimeout(this.#patience);
      this.#patience = undefined;
    } else {
      this.#patience ??= setTimeout(() => {
        this.#patience = undefined;
        this.#options.endComposition();
      }, COMPOSE_MS);
    }
  }

  /** toText gives the place in the shared text for one in the model. */
  toText(offset: number): number {
    return this.#alignment.toText(offset);
  }

  /** toShown gives the place in the model for one in the shared text. */
  toShown(index: number): number {
    return this.#alignment.toShown(index);
  }

  #touches({ at, remove }: Edit, line: number | null): boolean {
    if (line === null) return false;
    const { model } = this.#options;
    const from = model.getPositionAt(at).lineNumber;
    return from <= line && line <= model.getPositionAt(at + remove).lineNumber;
  }

  readonly #onText = (event: Y.YTextEvent): void => {
    if (this.#busy) return;
    this.#compareLater();
    if (this.#foreign || !this.#follow(event.delta)) this.reread();
    else this.settle();
  };

  /** follow notes a change of the shared text; false: the text has to be read as a whole. */
  #follow(delta: Y.YTextEvent['delta']): boolean {
    let index = 0;
    for (const { retain = 0, insert, delete: removed = 0, attributes } of delta) {
      index += retain;
      if (attributes || this.#cutsPair(index)) return false;
      if (typeof insert === 'string') {
        if (/\r|\uFEFF/.test(insert)) return false;
        this.#alignment.inserted(index, insert.length);
        index += insert.length;
      } else if (insert !== undefined) return false;
      if (removed && this.#cutsPair(index + removed)) return false;
      this.#alignment.deleted(index, removed);
    }
    return delta.length > 0 && this.#alignment.textLength === this.#options.text.length;
  }

  /** Yjs replaces both halves of a surrogate pair that it cuts, and its events do not say so. */
  #cutsPair(index: number): boolean {
    const { model } = this.#options;
    const at = this.#alignment.toShown(index);
    const around = rangeOf(this.#options, Math.max(0, at - 1), at === 0 ? 0 : 2);
    return /^[\uD800-\uDBFF][\uDC00-\uDFFF]$/.test(model.getValueInRange(around));
  }

  /** Writes what was typed in the model, given from the right, into the shared text. */
  #write(written: readonly Edit[]): void {
    const { text } = this.#options;
    const edits = this.#wholePairs([...written].reverse());
    this.#mute(() =>
      text.doc?.transact(() => {
        for (const edit of edits.reverse()) {
          for (const { at, remove, insert } of this.#alignment.edited(edit)) {
            if (remove) text.delete(at, remove);
            if (insert) text.insert(at, insert);
          }
        }
      }, this),
    );
    this.#compareLater();
  }

  /** Half a surrogate pair would not survive on its way to the others: the whole is replaced. */
  #wholePairs(edits: readonly Edit[]): Edit[] {
    const { model } = this.#options;
    let shift = 0;
    return edits.map(({ at, remove, insert }) => {
      const start = at + shift;
      const end = start + insert.length;
      shift += insert.length - remove;
      const left = /[\uD800-\uDBFF]/.exec(unitAt(model, start - 1))?.[0] ?? '';
      const right = /[\uDC00-\uDFFF]/.exec(unitAt(model, end))?.[0] ?? '';
      return {
        at: at - left.length,
        remove: remove + left.length + right.length,
        insert: (left + insert + right).replace(LONE_HALF, '\uFFFD'),
      };
    });
  }

  #apply(edits: readonly Edit[]): void {
    const { keepView } = this.#options;
    const delta: { retain?: number; delete?: number; insert?: string }[] = [];
    let done = 0;
    for (const { at, remove, insert } of edits) {
      if (at > done) delta.push({ retain: at - done });
      if (remove) delta.push({ delete: remove });
      if (insert) delta.push({ insert });
      done = at + remove;
    }
    this.#mute(() => keepView(() => this.#tell({ delta })));
  }

  #mute(change: () => void): void {
    this.#busy = true;
    try {
      change();
    } finally {
      this.#busy = false;
    }
  }

  #compareLater(): void {
    clearTimeout(this.#compare);
    this.#compare = setTimeout(() => {
      if (this.#options.model.isDisposed() || !this.#alignment.same) return;
      this.reread();
    }, COMPARE_MS);
  }
}

/** Half of a surrogate pair without the other half. */
const LONE_HALF = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

/** unitAt gives one UTF-16 unit. Ranges of Monaco never begin or end inside a pair. */
function unitAt(model: Monaco.editor.ITextModel, offset: number): string {
  if (offset < 0) return '';
  const { lineNumber, column } = model.getPositionAt(offset);
  return model.getLineContent(lineNumber).charAt(column - 1);
}

function rangeOf({ monaco, model }: Pick<MirrorOptions, 'monaco' | 'model'>, at: number, length: number) {
  return monaco.Range.fromPositions(model.getPositionAt(at), model.getPositionAt(at + length));
}
