import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { boundNestedTypes } from './nested-types';

boundNestedTypes();

/** A chain of maps, one in the other. */
function nested(depth: number): { doc: Y.Doc; innermost: Y.Map<unknown> } {
  const doc = new Y.Doc();
  let at: Y.Map<unknown> = doc.getMap('meta');
  for (let i = 0; i < depth; i++) {
    const next = new Y.Map<unknown>();
    at.set('k', next);
    at = next;
  }
  return { doc, innermost: at };
}

describe('nested types', () => {
  it('tells a change to the few types around it, and to none that lie deep', () => {
    for (const [depth, told] of [
      [3, 1],
      [100, 0],
    ] as const) {
      const { doc, innermost } = nested(depth);
      let heard = 0;
      doc.getMap('meta').observeDeep(() => (heard += 1));
      innermost.set('v', 1);
      expect(heard).toBe(told);
    }
  });

  it('deletes and collects what is nested deeper than a stack is', () => {
    const { doc } = nested(30_000);
    const other = new Y.Doc();
    Y.applyUpdate(other, Y.encodeStateAsUpdate(doc));
    doc.getMap('meta').set('k', 1);
    Y.applyUpdate(other, Y.encodeStateAsUpdate(doc, Y.encodeStateVector(other)));
    expect(other.getMap('meta').get('k')).toBe(1);
    expect(Y.encodeStateAsUpdate(other).length).toBeLessThan(1000);
  });
});
