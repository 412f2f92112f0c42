import * as Y from 'yjs';
import type { Readable } from '../lib/readable';
import { isSave } from '../lib/save-key';
import { Alignment } from './alignment';
import { mendReturns, mendText, plainText } from './plain-text';

/** Change is one replacement in a text, in UTF-16 units. */
export interface Change {
  at: number;
  remove: number;
  insert: string;
}

/**
 * changeBetween finds the change that one edit of a text field made. caret is the caret's place
 * after it, which tells equal letters apart.
 */
export function changeBetween(before: string, after: string, caret: number): Change | null {
  if (before === after) return null;
  const most = Math.min(before.length, after.length);
  let end = 0;
  const tail = Math.min(most, after.length - Math.min(caret, after.length));
  while (end < tail && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  let at = 0;
  while (at < most - end && before[at] === after[at]) at++;
  while (end < most - at && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  // Never between the halves of a surrogate pair.
  if (at > 0 && isHigh(before.charCodeAt(at - 1))) at--;
  if (end > 0 && isLow(before.charCodeAt(before.length - end))) end--;
  return { at, remove: before.length - end - at, insert: after.slice(at, after.length - end) };
}

const isHigh = (unit: number) => unit >= 0xd800 && unit <= 0xdbff;
const isLow = (unit: number) => unit >= 0xdc00 && unit <= 0xdfff;

/** moved gives a caret's new place after edits, whose places are those before any of them. */
function moved(caret: number, edits: readonly Change[]): number {
  let place = caret;
  for (const { at, remove, insert } of edits) {
    if (at + remove < caret || (at < caret && remove === 0)) place += insert.length - remove;
    else if (at < caret) place += Math.min(insert.length, caret - at) - (caret - at);
  }
  return place;
}

/** How long changes of others wait for the end of a composition, in milliseconds. */
const COMPOSE_MS = 8_000;

/**
 * bindTextField keeps a text area and a shared text equal: typing is written as the smallest
 * change, other people's changes move the caret, and undo reverts one's own changes only. Changes
 * of others wait while an input method composes a word. The returned function ends it.
 */
export function bindTextField(field: HTMLTextAreaElement, text: Y.Text): () => void {
  const bound = new BoundField(field, text);
  return () => bound.dispose();
}

class BoundField {
  readonly #field: HTMLTextAreaElement;
  readonly #text: Y.Text;
  readonly #undo: Y.UndoManager;
  readonly #stop = new AbortController();
  #alignment = Alignment.equal(0);
  #value = '';
  #composing = false;
  #patience: ReturnType<typeof setTimeout> | undefined;

  constructor(field: HTMLTextAreaElement, text: Y.Text) {
    this.#field = field;
    this.#text = text;
    this.#undo = new Y.UndoManager(text, { trackedOrigins: new Set([this]), captureTimeout: 500 });
    this.#show();
    const { signal } = this.#stop;
    field.addEventListener('input', this.#onInput, { signal });
    field.addEventListener('keydown', this.#onKey, { signal });
    field.addEventListener('compositionstart', () => (this.#composing = true), { signal });
    // Some browsers tell the last input only after the end of the composition.
    const ended = () => void setTimeout(() => this.#composed());
    for (const end of ['compositionend', 'blur']) field.addEventListener(end, ended, { signal });
    text.observe(this.#onText);
  }

  dispose(): void {
    this.#stop.abort();
    clearTimeout(this.#patience);
    this.#text.unobserve(this.#onText);
    this.#undo.destroy();
  }

  readonly #onInput = (): void => {
    const value = this.#field.value.replace(/\r\n?/g, '\n');
    const change = changeBetween(this.#value, value, this.#field.selectionStart);
    this.#value = value;
    if (!change) return;
    this.#text.doc?.transact(() => {
      for (const { at, remove, insert } of this.#alignment.edited(change)) {
        if (remove) this.#text.delete(at, remove);
        if (insert) this.#text.insert(at, insert);
      }
    }, this);
  };

  readonly #onText = (event: Y.YTextEvent, transaction: Y.Transaction): void => {
    if (transaction.origin === this) return;
    if (this.#composing && this.#follow(event.delta)) {
      this.#patience ??= setTimeout(() => this.#endComposition(), COMPOSE_MS);
    } else this.#show();
  };

  /** follow notes a change that is not shown yet; false: the text has to be read as a whole. */
  #follow(delta: Y.YTextEvent['delta']): boolean {
    let index = 0;
    for (const { retain = 0, insert, delete: removed = 0, attributes } of delta) {
      index += retain;
      if (attributes || (insert !== undefined && (typeof insert !== 'string' || insert.includes('\r')))) {
        return false;
      }
      if (insert) this.#alignment.inserted(index, insert.length);
      index += insert?.length ?? 0;
      this.#alignment.deleted(index, removed);
    }
    return this.#alignment.textLength === this.#text.length;
  }

  #composed(): void {
    if (this.#stop.signal.aborted) return;
    this.#composing = false;
    clearTimeout(this.#patience);
    this.#patience = undefined;
    if (!this.#alignment.same) this.#show();
  }

  /** An input method ends its work when the field loses the focus. */
  #endComposition(): void {
    this.#patience = undefined;
    if (!this.#composing || document.activeElement !== this.#field) return this.#composed();
    this.#field.blur();
    this.#field.focus();
  }

  /** show makes the field equal to the shared text. */
  #show(): void {
    const { shown, alignment, foreign } = plainText(this.#text);
    const held = foreign ? [] : this.#alignment.settle(shown);
    const change = changeBetween(this.#value, shown, shown.length);
    const edits = held.length > 0 ? held : change ? [change] : [];
    this.#alignment = alignment;
    this.#value = shown;
    if (this.#field.value !== shown) {
      const { selectionStart, selectionEnd, scrollTop } = this.#field;
      this.#field.value = shown;
      this.#field.setSelectionRange(moved(selectionStart, edits), moved(selectionEnd, edits));
      this.#field.scrollTop = scrollTop;
    }
    if (foreign) queueMicrotask(() => this.#mend());
  }

  #mend(): void {
    if (this.#stop.signal.aborted || this.#field.readOnly) return;
    mendText(this.#text);
    mendReturns(this.#text);
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    if (isSave(event)) return event.preventDefault();
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const key = event.key.toLowerCase();
    if (key !== 'z' && key !== 'y') return;
    event.preventDefault();
    if (key === 'y' || event.shiftKey) this.#undo.redo();
    else this.#undo.undo();
  };
}

/** textOf follows a shared text, at most once per animation frame. */
export function textOf(text: Y.Text): Readable<string> {
  let current = text.toString();
  return {
    getSnapshot: () => current,
    subscribe: (listener) => {
      let frame = 0;
      const refresh = () => {
        frame ||= requestAnimationFrame(() => {
          frame = 0;
          current = text.toString();
          listener();
        });
      };
      text.observe(refresh);
      refresh();
      return () => {
        cancelAnimationFrame(frame);
        text.unobserve(refresh);
      };
    },
  };
}
