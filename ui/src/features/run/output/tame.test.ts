import { describe, expect, it } from 'vitest';
import { Tamer } from './tame';

const tame = (...writes: string[]) => {
  const tamer = new Tamer();
  return writes.map((text) => tamer.tame(text)).join('');
};

/** Random numbers that come again. */
function random(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_103_515_245 + 12_345) & 0x7fffffff) / 0x7fffffff;
}

describe('Tamer', () => {
  it.each([
    ['text, tabs and line ends', 'a\tb\r\nc\n', 'a\tb\r\nc\n'],
    ['colours', '\x1b[1;31mred\x1b[0m', '\x1b[1;31mred\x1b[0m'],
    ['true colours', '\x1b[38:2::1:2:3mx', '\x1b[38:2::1:2:3mx'],
    ['a line that is wiped and written anew', '1 %\r\x1b[K2 %\x1b[0K', '1 %\r\x1b[K2 %\x1b[0K'],
    ['a cleared screen', 'a\x1b[2Jb\x1b[Hc', 'abc'],
    ['a moved cursor', 'a\x1b[10Ab', 'ab'],
    ['a window title', 'a\x1b]0;owned\x07b', 'ab'],
    ['a link', '\x1b]8;;http://x.example\x1b\\click\x1b]8;;\x1b\\', 'click'],
    ['a clipboard write', 'a\x1b]52;c;YQ==\x07b', 'ab'],
    ['a question to the terminal', 'a\x1b[6n\x1b[cb', 'ab'],
    ['a device string', 'a\x1bP+q544e\x1b\\b', 'ab'],
    ['C1 controls', 'a\x9b31mb\x90x\x9cc', 'a31mbxc'],
    ['bells and backspaces', 'a\x07\x08\x00b\x7f', 'ab'],
    ['turned text', 'a\u202eb\u2066c', 'abc'],
    ['a string that never ends', 'a\x1b]0;title\nb', 'a\nb'],
    ['a reset', 'a\x1bcb', 'ab'],
  ])('treats %s as it should', (_what, text, want) => {
    expect(tame(text)).toBe(want);
    // Wherever it is cut.
    for (let i = 1; i < text.length; i++) expect(tame(text.slice(0, i), text.slice(i))).toBe(want);
  });

  it('lets no control through, whatever comes in whatever pieces', () => {
    const next = random(7);
    const alphabet = [
      '\x1b',
      '[',
      ']',
      'P',
      '\\',
      '\x07',
      '\x9b',
      '3',
      ';',
      'm',
      'J',
      'H',
      'x',
      '\n',
      '\x08',
      '\u202e',
    ];
    for (let round = 0; round < 3000; round++) {
      const writes = Array.from({ length: 6 }, () =>
        Array.from(
          { length: Math.floor(next() * 8) },
          () => alphabet[Math.floor(next() * alphabet.length)],
        ).join(''),
      );
      const out = tame(...writes);

      expect(out.replace(/\x1b\[[0-9;:]*m/g, ''), JSON.stringify(writes)).not.toMatch(
        /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]/,
      );
    }
  });

  it('does not hold back an endless sequence', () => {
    const tamer = new Tamer();
    for (let i = 0; i < 100; i++) tamer.tame(`\x1b]${'x'.repeat(1000)}`);
    expect(tamer.tame('\x07after')).toBe('after');
  });
});
