import { describe, expect, it } from 'vitest';
import { MAX_PICTURE_BYTES, picturesAmong } from './pictures';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('picturesAmong', () => {
  it('takes files that are called pictures and were not there before', () => {
    const left: [string, Uint8Array][] = [
      ['b.SVG', bytes('<svg/>')],
      ['a.png', bytes('abc')],
      ['notes.txt', bytes('x')],
      ['old.svg', bytes('<svg>old</svg>')],
      ['changed.svg', bytes('<svg>new</svg>')],
      ['empty.gif', bytes('')],
    ];
    const before = { 'old.svg': '<svg>old</svg>', 'changed.svg': '<svg>old</svg>' };
    const { pictures, tooLarge } = picturesAmong(left, before);
    expect(pictures.map(({ name, mime }) => `${name} ${mime}`)).toEqual([
      'a.png image/png',
      'b.SVG image/svg+xml',
      'changed.svg image/svg+xml',
    ]);
    expect(pictures[0]?.data).toBe(btoa('abc'));
    expect(tooLarge).toEqual([]);
  });

  it('names what does not fit', () => {
    const half = new Uint8Array(MAX_PICTURE_BYTES / 2 + 1);
    const { pictures, tooLarge } = picturesAmong(
      [
        ['1.png', half],
        ['2.png', half],
        ['3.png', new Uint8Array(100)],
      ],
      {},
    );
    expect(pictures.map(({ name }) => name)).toEqual(['1.png', '3.png']);
    expect(tooLarge).toEqual(['2.png']);
  });
});
