import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { splitUpdate } from './split-update';

/** The document after the parts were taken one by one. */
function together(parts: readonly Uint8Array[]): Y.Doc {
  const doc = new Y.Doc();
  for (const part of parts) Y.applyUpdate(doc, part);
  return doc;
}

const same = (a: Y.Doc, b: Y.Doc) =>
  expect([...Y.encodeStateAsUpdate(a)]).toEqual([...Y.encodeStateAsUpdate(b)]);

describe('splitUpdate', () => {
  it('leaves alone what is short', () => {
    const doc = new Y.Doc();
    doc.getText('t').insert(0, 'short');
    const update = Y.encodeStateAsUpdate(doc);
    expect(splitUpdate(update, 1_000)).toEqual([update]);
  });

  it.each([
    ['letters', 'a'.repeat(50_000)],
    ['wide letters', '語'.repeat(20_000)],
    ['pairs', '😀'.repeat(10_000)],
    ['pairs, shifted', `x${'😀'.repeat(10_000)}`],
  ])('cuts one long text: %s', (_what, text) => {
    const doc = new Y.Doc();
    doc.getText('t').insert(0, 'ends');
    doc.getText('t').insert(2, text);
    const parts = splitUpdate(Y.encodeStateAsUpdate(doc), 1_000);
    expect(parts.length).toBeGreaterThan(20);
    for (const part of parts) expect(part.length).toBeLessThanOrEqual(1_000);
    same(together(parts), doc);
  });

  it('keeps what many wrote, deleted and nested, from any state on', () => {
    let seed = 3;
    const random = (n: number) => ((seed = (seed * 1103515245 + 12345) & 0x7fffffff) >> 8) % n;
    const docs = [new Y.Doc(), new Y.Doc(), new Y.Doc()];
    let before: Uint8Array = new Uint8Array([0]);
    for (let step = 0; step < 1_500; step++) {
      const doc = docs[random(3)] ?? new Y.Doc();
      const text = doc.getText('t');
      const at = random(text.length + 1);
      if (random(4) === 0) text.delete(at, random(Math.min(9, text.length - at) + 1));
      else if (random(9) === 0) doc.getArray('a').push([{ step }, new Y.Map([['k', new Y.Text('in')]])]);
      else if (random(9) === 0) doc.getMap('m').set(`k${random(5)}`, 'v'.repeat(random(40)));
      else text.insert(at, ['x', '😀', 'word ', 'l\n'.repeat(30)][random(4)] ?? 'x');
      const other = docs[random(3)] ?? doc;
      Y.applyUpdate(other, Y.encodeStateAsUpdate(doc, Y.encodeStateVector(other)));
      if (step === 700) before = Y.encodeStateVector(doc);
    }
    const all = new Y.Doc();
    for (const doc of docs) Y.applyUpdate(all, Y.encodeStateAsUpdate(doc));
    const update = Y.encodeStateAsUpdate(all);
    for (const most of [200, 1_000, 5_000]) same(together(splitUpdate(update, most)), all);
    const half = together([update]);
    same(together([Y.encodeStateAsUpdate(half, before), update]), all);
    const rest = splitUpdate(Y.encodeStateAsUpdate(all, before), 500);
    expect(rest.length).toBeGreaterThan(1);
    same(together([update, ...rest]), all);
  });
});
