import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { PendingUpdates } from './pending-updates';

/** A document, and what is pending of it. */
function typing() {
  const doc = new Y.Doc();
  const pending = new PendingUpdates((vector) => Y.encodeStateAsUpdate(doc, vector));
  doc.on('update', (update: Uint8Array, _origin: unknown, _doc: Y.Doc, transaction: Y.Transaction) =>
    pending.changed(update, transaction.beforeState),
  );
  return { doc, text: doc.getText('t'), pending };
}

/** What a server has that got all of it. */
function textOf(update: Uint8Array | null): string {
  const doc = new Y.Doc();
  if (update) Y.applyUpdate(doc, update);
  return doc.getText('t').toString();
}

/** One whose connection has carried its step 2, and whose server has stored that. */
function connected() {
  const typist = typing();
  typist.pending.connecting();
  typist.pending.sent('step2');
  typist.pending.stored(1);
  return typist;
}

describe('PendingUpdates', () => {
  it('is empty before anything was changed', () => {
    expect(typing().pending.empty).toBe(true);
    expect(typing().pending.merged()).toBeNull();
  });

  it('does not take sent for stored', () => {
    const { pending, text } = connected();
    text.insert(0, 'a');
    pending.sent('update');
    expect(pending.empty).toBe(false);
    pending.stored(1);
    expect(pending.empty).toBe(false);
    pending.stored(2);
    expect(pending.empty).toBe(true);
  });

  it('lets go of what is stored while the newest is not', () => {
    const { pending, text } = connected();
    for (const letter of 'abc') {
      text.insert(text.length, letter);
      pending.sent('update');
    }
    pending.stored(3);
    expect(pending.empty).toBe(false);
    expect(Y.decodeUpdate(pending.merged() ?? new Uint8Array()).structs.length).toBe(1);
    pending.stored(4);
    expect(pending.empty).toBe(true);
  });

  it('keeps all of it over a lost connection until step 2 has carried it and is stored', () => {
    const { pending, text } = connected();
    text.insert(0, 'sent');
    pending.sent('update');
    pending.connecting();
    text.insert(4, ', offline');
    pending.stored(9);
    expect(textOf(pending.merged())).toBe('sent, offline');
    pending.sent('step2');
    text.insert(13, '!');
    pending.sent('update');
    pending.stored(1);
    expect(pending.empty).toBe(false);
    pending.stored(2);
    expect(pending.empty).toBe(true);
  });

  it('takes a message of before step 2 for no more than itself', () => {
    const { pending, text } = typing();
    text.insert(0, 'offline ');
    pending.connecting();
    text.insert(8, 'early');
    pending.sent('update');
    pending.stored(1);
    expect(pending.empty).toBe(false);
    pending.sent('step2');
    pending.stored(2);
    expect(pending.empty).toBe(true);
  });

  it('holds few pieces, and all of the text, however long one is offline', () => {
    const { pending, doc, text } = typing();
    for (let i = 0; i < 5000; i++) text.insert(text.length, String(i % 10));
    text.delete(0, 100);
    expect(textOf(pending.merged())).toBe(text.toString());
    const merged = pending.merged() ?? new Uint8Array();
    expect(merged.length).toBeLessThan(Y.encodeStateAsUpdate(doc).length * 1.5 + 200);
  });
});
