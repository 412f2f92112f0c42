import * as Y from 'yjs';
import type { Readable } from '../lib/readable';

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

/** moved gives a caret's new place after others changed the text. */
function moved(caret: number, delta: Y.YTextEvent['delta']): number {
  let index = 0;
  for (const { retain = 0, insert, delete: removed = 0 } of delta) {
    index += retain;
    if (index > caret) break;
    if (typeof insert === 'string') {
      if (index < caret) caret += insert.length;
      index += insert.length;
    }
    if (removed) caret -= Math.min(removed, caret - index);
  }
  return caret;
}

/**
 * bindTextField keeps a text area and a shared text equal: typing is written as the smallest
 * change, other people's changes move the caret, and undo reverts one's own changes only. The
 * returned function ends it.
 */
export function bindTextField(field: HTMLTextAreaElement, text: Y.Text): () => void {
  const origin = {};
  const undo = new Y.UndoManager(text, { trackedOrigins: new Set([origin]), captureTimeout: 500 });
  field.value = text.toString();

  const onInput = () => {
    const value = field.value.replace(/\r\n?/g, '\n');
    const change = changeBetween(text.toString(), value, field.selectionStart);
    if (!change) return;
    text.doc?.transact(() => {
      if (change.remove) text.delete(change.at, change.remove);
      if (change.insert) text.insert(change.at, change.insert);
    }, origin);
  };
  const onText = (event: Y.YTextEvent, transaction: Y.Transaction) => {
    if (transaction.origin === origin) return;
    const { selectionStart, selectionEnd, scrollTop } = field;
    field.value = text.toString();
    field.setSelectionRange(moved(selectionStart, event.delta), moved(selectionEnd, event.delta));
    field.scrollTop = scrollTop;
  };
  const onKey = (event: KeyboardEvent) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const key = event.key.toLowerCase();
    if (key !== 'z' && key !== 'y') return;
    event.preventDefault();
    if (key === 'y' || event.shiftKey) undo.redo();
    else undo.undo();
  };
  field.addEventListener('input', onInput);
  field.addEventListener('keydown', onKey);
  text.observe(onText);
  return () => {
    field.removeEventListener('input', onInput);
    field.removeEventListener('keydown', onKey);
    text.unobserve(onText);
    undo.destroy();
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
