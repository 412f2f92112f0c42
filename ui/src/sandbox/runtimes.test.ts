import { describe, expect, it } from 'vitest';
import { pack } from '../../runtimes/pack.mjs';
import { limitMemory } from './memory-limit';
import { unpack } from './pack';
import { formatTable } from './table';

const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);
const bytes = (value: string) => new TextEncoder().encode(value);

describe('pack', () => {
  it('gives back what was put in', () => {
    const packed = pack({ fmt: bytes('archive'), 'net/http': bytes(''), ünï: bytes('x') });
    const files = unpack(
      packed.buffer.slice(packed.byteOffset, packed.byteOffset + packed.length) as ArrayBuffer,
    );
    expect([...files].map(([name, data]) => [name, text(data)])).toEqual([
      ['fmt', 'archive'],
      ['net/http', ''],
      ['ünï', 'x'],
    ]);
  });
});

describe('limitMemory', () => {
  /** A module with one memory that is exported, and a function that grows it. */
  const module = (...limits: number[]) =>
    Uint8Array.of(
      ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      ...[1, 6, 1, 0x60, 1, 0x7f, 1, 0x7f],
      ...[3, 2, 1, 0],
      ...[5, limits.length + 1, 1, ...limits],
      ...[7, 8, 1, 4, 0x67, 0x72, 0x6f, 0x77, 0, 0],
      ...[10, 8, 1, 6, 0, 0x20, 0, 0x40, 0, 0x0b],
    );
  const grow = (wasm: Uint8Array<ArrayBuffer>, pages: number) => {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(wasm));
    return (exports.grow as (pages: number) => number)(pages);
  };

  it.each([
    ['one without a limit', module(0, 1)],
    ['one with a higher limit', module(1, 1, 0x80, 0x80, 0x01)],
    ['one whose numbers are longer', module(0, 0x81, 0x00)],
  ])('stops %s where it should', (_what, wasm) => {
    expect(grow(wasm, 20)).toBe(1);
    const limited = limitMemory(wasm, 10);
    expect(grow(limited, 9)).toBe(1);
    expect(grow(limited, 10)).toBe(-1);
  });

  it('leaves alone what needs more at once, and what is no module', () => {
    for (const wasm of [
      module(0, 20),
      bytes('nothing'),
      new Uint8Array(),
      Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 5, 200),
    ]) {
      expect(limitMemory(wasm, 10)).toBe(wasm);
    }
  });

  it('never throws at whatever bytes', () => {
    for (let seed = 1; seed < 3000; seed++) {
      const wasm = module(0, 1);
      for (let i = 0; i < 4; i++)
        wasm[8 + ((seed * (i + 7) * 2654435761) % (wasm.length - 8))] = (seed * 31 + i * 97) & 255;
      expect(limitMemory(wasm, 10).length).toBeLessThan(wasm.length + 16);
    }
  });
});

describe('formatTable', () => {
  it('draws columns as wide as they need to be, numbers to the right', () => {
    const rows = [['Ada', '7'], ['Zoë\nX', null], ['日本✅', '12']]; // prettier-ignore
    expect(formatTable(['name', 'n'], rows, [false, true])).toBe(
      [
        '┌────────┬──────┐',
        '│ name   │ n    │',
        '├────────┼──────┤',
        '│ Ada    │    7 │',
        '│ Zoë   ↵│ NULL │',
        '│ X      │      │',
        '│ 日本✅ │   12 │',
        '└────────┴──────┘',
        '3 rows\n',
      ].join('\n'),
    );
  });

  it('lets no value move the cursor', () => {
    expect(formatTable(['x'], [['a\tb\r\x1b[2J']])).toContain('│ a    b\\r\\x1B[2J │');
  });

  it('shows no more than a person reads', () => {
    const rows = Array.from({ length: 1000 }, (_, i) => [String(i)]);
    const table = formatTable(['x'], rows);
    expect(table.split('\n').length).toBeLessThan(210);
    expect(table).toContain('1000 rows, 800 of them not shown');
    expect(formatTable(['x'], [['y'.repeat(5000)]])).toContain(`${'y'.repeat(999)}… │`);
  });
});
