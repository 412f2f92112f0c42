import { describe, expect, it } from 'vitest';
import { readFrameMessage } from './frame-message';
import { Tamer } from './tame';
import { neededWheels, type Lock } from './wheels';

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

describe('readFrameMessage', () => {
  it('takes what is well formed and nothing else', () => {
    expect(
      readFrameMessage({ type: 'output', chunks: [{ text: 'a', stream: 'stderr', html: '<b>' }] }),
    ).toEqual({
      type: 'output',
      chunks: [{ text: 'a', stream: 'stderr' }],
    });
    expect(
      readFrameMessage({ type: 'output', chunks: [null, 1, { text: {} }, { text: 'x', stream: 'page' }] }),
    ).toEqual({
      type: 'output',
      chunks: [{ text: 'x', stream: 'stdout' }],
    });
    expect(readFrameMessage({ type: 'done', ok: 'yes', exitCode: 1e99 })).toEqual({
      type: 'done',
      ok: false,
      exitCode: undefined,
    });
    for (const data of [
      null,
      7,
      'done',
      [],
      { type: 'eval', code: 'x' },
      { type: 'run' },
      { type: '__proto__' },
    ]) {
      expect(readFrameMessage(data)).toBeNull();
    }
  });

  it('cuts what is too large', () => {
    const message = readFrameMessage({
      type: 'output',
      chunks: Array(10).fill({ text: 'x'.repeat(200_000) }),
    });
    const total =
      message?.type === 'output' ? message.chunks.reduce((sum, { text }) => sum + text.length, 0) : 0;
    expect(total).toBe(512 * 1024);
  });
});

describe('neededWheels', () => {
  const lock: Lock = {
    numpy: { file_name: 'numpy-2.whl', imports: ['numpy'], depends: [] },
    pandas: { file_name: 'pandas-3.whl', imports: ['pandas'], depends: ['numpy', 'pytz'] },
    pytz: { file_name: 'pytz-1.whl', imports: ['pytz'], depends: [] },
  };

  it('finds what a program imports, what that needs, and only what is there', () => {
    const there = new Set(['numpy-2.whl', 'pandas-3.whl', 'own-1.0-py3-none-any.whl']);
    const needed = (source: string) => neededWheels([source], lock, there).sort();
    expect(needed('import os\nprint(1)')).toEqual([]);
    expect(needed('import numpy as np')).toEqual(['numpy-2.whl']);
    expect(needed('def f():\n    from pandas.api import x')).toEqual(['numpy-2.whl', 'pandas-3.whl']);
    expect(needed('import sys, own')).toEqual(['own-1.0-py3-none-any.whl']);
    expect(needed('# import numpy\nx = "numpy"')).toEqual([]);
  });
});
