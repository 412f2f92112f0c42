import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { bindTextField, changeBetween } from './text-field';

describe('changeBetween', () => {
  it.each([
    ['', 'a', 1, { at: 0, remove: 0, insert: 'a' }],
    ['abc', 'abXc', 3, { at: 2, remove: 0, insert: 'X' }],
    ['aaa', 'aaaa', 1, { at: 0, remove: 0, insert: 'a' }],
    ['aaa', 'aaaa', 4, { at: 3, remove: 0, insert: 'a' }],
    ['aaaa', 'aaa', 2, { at: 2, remove: 1, insert: '' }],
    ['one two', 'one 2', 5, { at: 4, remove: 3, insert: '2' }],
    ['all', '', 0, { at: 0, remove: 3, insert: '' }],
    ['same', 'same', 2, null],
    ['x😀', 'x😁', 3, { at: 1, remove: 2, insert: '😁' }],
    ['😀😀', '😀', 0, { at: 0, remove: 2, insert: '' }],
  ])('%j → %j at %i', (before, after, caret, want) => {
    expect(changeBetween(before, after, caret)).toEqual(want);
  });

  it('leads from any text to any other', () => {
    const letters = ['a', 'b', '\n', '😀', 'é'];
    const word = (seed: number) =>
      Array.from({ length: seed % 7 }, (_, i) => letters[(seed * 7 + i * i * 3) % letters.length]).join('');
    for (let i = 0; i < 400; i++) {
      const [before, after] = [word(i), word(i * 31 + 5)];
      for (const caret of [0, after.length >> 1, after.length]) {
        const change = changeBetween(before, after, caret);
        const got = change
          ? before.slice(0, change.at) + change.insert + before.slice(change.at + change.remove)
          : before;
        expect(got).toBe(after);
      }
    }
  });
});

describe('bindTextField', () => {
  const bound = (initial = '') => {
    const doc = new Y.Doc();
    const text = doc.getText('prompt');
    text.insert(0, initial);
    const field = document.createElement('textarea');
    const unbind = bindTextField(field, text);
    const type = (value: string, caret = value.length) => {
      field.value = value;
      field.setSelectionRange(caret, caret);
      field.dispatchEvent(new Event('input'));
    };
    return { doc, text, field, type, unbind };
  };

  it('carries what is typed into the text as the smallest change', () => {
    const { text, type } = bound('Hello world');
    const deltas: unknown[] = [];
    text.observe((event) => deltas.push(event.delta));
    type('Hello brave world', 12);
    expect(text.toString()).toBe('Hello brave world');
    expect(deltas).toEqual([[{ retain: 6 }, { insert: 'brave ' }]]);
  });

  it('keeps line ends as one sign', () => {
    const { text, type } = bound();
    type('a\nb');
    expect(text.toString()).toBe('a\nb');
  });

  it.each([
    [0, 'XX', 5, 7],
    [5, 'XX', 5, 5],
    [8, 'XX', 5, 5],
  ])('moves the caret with what others insert at %i', (at, insert, caret, want) => {
    const { text, field } = bound('0123456789');
    field.setSelectionRange(caret, caret);
    text.insert(at, insert);
    expect(field.value).toBe(text.toString());
    expect(field.selectionStart).toBe(want);
  });

  it('moves the caret when others delete around it', () => {
    const { text, field } = bound('0123456789');
    field.setSelectionRange(6, 6);
    text.delete(2, 6);
    expect([field.selectionStart, field.value]).toEqual([2, '0189']);
  });

  it('undoes what was typed here, not what others wrote', () => {
    const { text, field, type } = bound('');
    type('mine');
    text.insert(0, 'theirs ');
    const press = (init: KeyboardEventInit) =>
      field.dispatchEvent(new KeyboardEvent('keydown', { ctrlKey: true, cancelable: true, ...init }));
    press({ key: 'z' });
    expect([text.toString(), field.value]).toEqual(['theirs ', 'theirs ']);
    press({ key: 'Z', shiftKey: true });
    expect(text.toString()).toBe('theirs mine');
  });

  it.each<[string, (text: Y.Text) => void, string]>([
    ['before the word', (text) => text.insert(0, 'Q'), 'Qab你好'],
    ['at its start', (text) => text.insert(2, 'Q'), 'abQ你好'],
    ['inside of it', (text) => text.insert(4, 'Q'), 'ab你好Q'],
    ['behind it', (text) => text.insert(8, 'Q'), 'ab你好Q'],
    ['above', (text) => text.insert(0, 'line\n'), 'line\nab你好'],
    ['by deleting before it', (text) => text.delete(0, 2), '你好'],
    ['by deleting the word', (text) => text.delete(2, 6), 'ab你好'],
    ['by an embed', (text) => text.insertEmbed(0, { a: 1 }), 'ab你好'],
  ])('keeps a word right that is composed while others change the text: %s', async (_where, change, want) => {
    const { text, field, type } = bound('ab');
    field.dispatchEvent(new Event('compositionstart'));
    type('abni hao');
    change(text);
    type(field.value.replace('ni hao', '你好'), field.value.indexOf('ni hao') + 2);
    field.dispatchEvent(new Event('compositionend'));
    await new Promise((resolve) => setTimeout(resolve));
    expect([field.value, text.toString()]).toEqual([want, want]);
    expect(text.length).toBe(want.length);
  });

  it('lets go', () => {
    const { text, field, type, unbind } = bound('a');
    unbind();
    type('b');
    expect(text.toString()).toBe('a');
    text.insert(0, 'c');
    expect(field.value).toBe('b');
  });
});
