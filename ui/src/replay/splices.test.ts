import { describe, expect, it } from 'vitest';
import { randomOf, Recording, Replica } from './recorded';
import type { Splice } from './replay';
import { Splices } from './splices';

/** Applies splices that all count their places in the same text, as an editor does. */
function applied(text: string, splices: readonly Splice[]): string {
  return [...splices]
    .reverse()
    .reduce(
      (now, { index, removed, inserted }) => now.slice(0, index) + inserted + now.slice(index + removed),
      text,
    );
}

function summed(before: string, edits: readonly [number, number, string][]): [Splice[], string] {
  const splices = new Splices();
  let text = before;
  for (const [index, removed, inserted] of edits) {
    splices.edit(index, removed, inserted.length);
    text = text.slice(0, index) + inserted + text.slice(index + removed);
  }
  return [splices.list((from, to) => text.slice(from, to)), text];
}

describe('Splices', () => {
  const TABLE: [string, [number, number, string][], Splice[]][] = [
    ['nothing', [], []],
    ['one key', [[2, 0, 'x']], [{ index: 2, removed: 0, inserted: 'x' }]],
    [
      'a word, key by key',
      [
        [2, 0, 'x'],
        [3, 0, 'y'],
        [4, 0, 'z'],
      ],
      [{ index: 2, removed: 0, inserted: 'xyz' }],
    ],
    [
      'a key and its backspace',
      [
        [2, 0, 'x'],
        [2, 1, ''],
      ],
      [{ index: 2, removed: 0, inserted: '' }],
    ],
    [
      'two people at two ends',
      [
        [9, 0, 'x'],
        [0, 0, 'a'],
        [11, 0, 'y'],
        [1, 1, 'b'],
      ],
      [
        { index: 0, removed: 1, inserted: 'ab' },
        { index: 9, removed: 0, inserted: 'xy' },
      ],
    ],
    [
      'a removal that takes two insertions and what lies between',
      [
        [2, 0, 'xx'],
        [8, 0, 'yy'],
        [3, 6, '-'],
      ],
      [{ index: 2, removed: 4, inserted: 'x-y' }],
    ],
  ];

  it.each(TABLE)('sums up %s', (_, edits, want) => {
    const [got, text] = summed('0123456789', edits);
    expect(got).toEqual(want);
    expect(applied('0123456789', got)).toBe(text);
  });

  it('gives the same text as the edits one by one, and parts that do not touch', () => {
    for (let seed = 1; seed <= 400; seed += 1) {
      const random = randomOf(seed);
      const below = (limit: number) => Math.floor(random() * (limit + 1));
      const before = 'abcdefghijklmnopqrstuvwxyz'.slice(0, below(26));
      let { length } = before;
      const edits = Array.from({ length: 1 + below(11) }, (): [number, number, string] => {
        const index = below(length);
        const removed = below(Math.min(5, length - index));
        const inserted = 'ABCDEFG'.slice(0, below(4));
        length += inserted.length - removed;
        return [index, removed, inserted];
      });
      const [got, text] = summed(before, edits);
      expect(applied(before, got), `seed ${seed}`).toBe(text);
      got.slice(1).forEach(({ index }, at) => {
        const left = got[at];
        expect(index, `seed ${seed}`).toBeGreaterThan((left?.index ?? 0) + (left?.removed ?? 0));
      });
    }
  });
});

describe('splices of a moment', () => {
  it('lead from any moment to any other, in both directions, in each file', async () => {
    const recording = new Recording();
    const people = [new Replica(recording, 'ada', 1), new Replica(recording, 'bob', 2)];
    const random = randomOf(7);
    for (let turn = 0; turn < 160; turn += 1) {
      const person = people[turn % 2];
      const text = person?.file(random() < 0.7 ? 'main' : 'other');
      if (!person || !text) continue;
      if (turn % 8 < 2) person.sync();
      recording.now += 100;
      const at = Math.floor(random() * (text.length + 1));
      if (random() < 0.3) text.delete(at, Math.min(3, text.length - at));
      else text.insert(at, random() < 0.1 ? 'one\ntwo\n' : 'k');
    }
    const player = await recording.open();
    let before = player.seek(0);
    for (let turn = 0; turn < 150; turn += 1) {
      const texts = ['main', 'other'].map((file) => before.text(file));
      const now = random() < 0.5 ? player.step(random() < 0.5 ? -1 : 1) : player.seek(random() * 16_000);
      ['main', 'other'].forEach((file, at) => {
        const splices = now.splices(file, before.position);
        expect(applied(texts[at] ?? '', splices ?? [])).toBe(now.text(file));
        expect(now.length(file)).toBe(now.text(file).length);
        expect(now.slice(file, 3, 9)).toBe(now.text(file).slice(3, 9));
      });
      before = now;
    }
  });

  it('are not made between moments that are far apart', async () => {
    const recording = new Recording();
    const ada = new Replica(recording, 'ada');
    ada.text.insert(0, 'ab'.repeat(2_200));
    recording.now += 1_000;
    ada.doc.transact(() => {
      for (let at = 0; at < 2_200; at += 1) ada.text.delete(at, 1);
    });
    recording.now += 1_000;
    ada.text.insert(2_200, 'kk');
    const player = await recording.open();
    const first = player.seek(500);
    expect(first.length('main')).toBe(4_400);
    const last = player.seek(9e9);
    expect(last.splices('main', first.position)).toBeNull();
    expect(last.splices('main', last.position - 1)).toEqual([{ index: 2200, removed: 0, inserted: 'kk' }]);
    expect(last.splices('none', last.position - 1)).toEqual([]);
  });
});
