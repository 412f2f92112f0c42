import { describe, expect, it } from 'vitest';
import { Alignment, type Edit } from './alignment';

const replace = (text: string, { at, remove, insert }: Edit) =>
  text.slice(0, at) + insert + text.slice(at + remove);

/** A shared text, and what an editor shows of it. */
class Pair {
  readonly alignment: Alignment;
  constructor(
    public text: string,
    public shown = text,
  ) {
    this.alignment = Alignment.equal(text.length);
  }

  others({ at, remove, insert }: Edit): void {
    this.text = replace(this.text, { at, remove, insert });
    this.alignment.deleted(at, remove);
    this.alignment.inserted(at, insert.length);
  }

  type(edit: Edit): void {
    this.shown = replace(this.shown, edit);
    for (const each of this.alignment.edited(edit)) this.text = replace(this.text, each);
  }

  settle(hold?: (edit: Edit) => boolean): void {
    for (const edit of this.alignment.settle(this.text, hold).reverse())
      this.shown = replace(this.shown, edit);
  }
}

describe('Alignment', () => {
  // A word is composed at the end of "abc": "n" becomes "ni", and "你" in the end.
  it.each([
    ['before the word', { at: 0, remove: 0, insert: 'X' }, 'Xabc你'],
    ['at its start', { at: 3, remove: 0, insert: 'X' }, 'abcX你'],
    ['inside', { at: 4, remove: 0, insert: 'X' }, 'abc你X'],
    ['at its end', { at: 5, remove: 0, insert: 'X' }, 'abc你X'],
    ['a deletion before it', { at: 0, remove: 3, insert: '' }, '你'],
    ['a deletion of it', { at: 3, remove: 2, insert: '' }, 'abc你'],
    ['a deletion around it', { at: 1, remove: 4, insert: 'Z' }, 'aZ你'],
  ])('keeps a composed word right: others change %s', (_where, change, want) => {
    const pair = new Pair('abc');
    pair.type({ at: 3, remove: 0, insert: 'ni' });
    pair.others(change);
    pair.type({ at: 3, remove: 2, insert: '你' });
    pair.settle();
    expect([pair.shown, pair.text]).toEqual([want, want]);
    expect(pair.alignment.same).toBe(true);
  });

  it('makes both sides equal after any changes of both', () => {
    let seed = 5;
    const random = (n: number) => (seed = (seed * 1103515245 + 12345) & 0x7fffffff) % n;
    for (let round = 0; round < 2_000; round++) {
      const pair = new Pair('abcdefghij'.slice(0, random(11)));
      for (let step = 0; step < 30; step++) {
        const own = random(2) === 0;
        const side = own ? pair.shown : pair.text;
        const at = random(side.length + 1);
        const edit = {
          at,
          remove: random(Math.min(4, side.length - at) + 1),
          insert: 'xyz'.slice(random(4)),
        };
        if (own) pair.type(edit);
        else pair.others(edit);
        if (random(4) === 0) pair.settle(random(2) ? (one) => one.at % 2 === 0 : undefined);
        expect(pair.alignment.textLength).toBe(pair.text.length);
      }
      pair.settle();
      expect(pair.shown).toBe(pair.text);
    }
  });
});
