import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { withBreaks } from './breaks';
import { needsBreaks } from './breaks-needed';
import { LOOK_TABLE, connect } from './look';

const HEADER = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

/** One function of one number, exported as run. It may import others before. */
const module = (code: number[], imports: number[] = [], number = 0) =>
  Uint8Array.of(
    ...HEADER,
    ...[1, 9, 2, 0x60, 1, 0x7f, 1, 0x7f, 0x60, 0, 0],
    ...imports,
    ...[3, 2, 1, 0],
    ...[7, 7, 1, 3, 0x72, 0x75, 0x6e, 0, number],
    ...[10, code.length + 4, 1, code.length + 2, 0, ...code, 0x0b],
  );

/** Counts its number down to nothing in a loop. */
const LOOP = [0x03, 0x40, 0x20, 0, 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, 0x0b, 0x20, 0];

/** Fibonacci's numbers, without any loop. */
const CALLS = [
  ...[0x20, 0, 0x41, 2, 0x48, 0x04, 0x7f, 0x20, 0, 0x05],
  ...[0x20, 0, 0x41, 1, 0x6b, 0x10, 0, 0x20, 0, 0x41, 2, 0x6b, 0x10, 0, 0x6a, 0x0b],
];

interface Running {
  run: (of: number) => number;
  looks: () => number;
}

function start(wasm: Uint8Array<ArrayBuffer>, imports: WebAssembly.Imports = {}, onLook = () => {}): Running {
  let looks = 0;
  const look = () => {
    looks++;
    onLook();
  };
  const instance = connect(new WebAssembly.Instance(new WebAssembly.Module(wasm), imports), look);
  return { run: instance.exports.run as Running['run'], looks: () => looks };
}

describe('withBreaks', () => {
  it.each([
    ['a loop', LOOP, 5_000_000, 0],
    ['calls without a loop', CALLS, 30, 832_040],
  ])('lets %s look now and then, and gives the same', (_what, code, of, result) => {
    const plain = start(module(code));
    expect([plain.run(of), plain.looks()]).toEqual([result, 0]);
    const broken = start(withBreaks(module(code)));
    expect(broken.run(of)).toBe(result);
    expect(broken.looks()).toBeGreaterThan(1);
    expect(broken.looks()).toBeLessThan(20);
  });

  it('ends an endless loop from the function that is looked for', () => {
    const { run } = start(withBreaks(module([0x03, 0x40, 0x0c, 0, 0x0b, 0x00])), {}, () => {
      throw new Error('ended');
    });
    expect(() => run(0)).toThrow('ended');
  });

  it('changes no number of what a module imports', () => {
    // Functions a.f and a.g, the global a.n, and the table a.t.
    const imports = [
      ...[2, 25, 4, 1, 0x61, 1, 0x66, 0, 1, 1, 0x61, 1, 0x67, 0, 1],
      ...[1, 0x61, 1, 0x6e, 3, 0x7f, 0, 1, 0x61, 1, 0x74, 1, 0x70, 0, 1],
    ];
    imports[1] = imports.length - 2;
    const said: string[] = [];
    const wasm = module([0x10, 1, ...LOOP, 0x1a, 0x23, 0], imports, 2);
    const { run, looks } = start(withBreaks(wasm), {
      a: {
        f: () => void said.push('f'),
        g: () => void said.push('g'),
        n: 42,
        t: new WebAssembly.Table({ element: 'anyfunc', initial: 1 }),
      },
    });
    expect([run(3_000_000), said]).toEqual([42, ['g']]);
    expect(looks()).toBeGreaterThan(1);
  });

  it('understands real runtimes', () => {
    for (const name of ['wasmoon/dist/glue.wasm', 'sql.js/dist/sql-wasm.wasm']) {
      const wasm = new Uint8Array(readFileSync(`node_modules/${name}`));
      const broken = withBreaks(wasm);
      expect(broken.length).toBeGreaterThan(wasm.length);
      const names = WebAssembly.Module.exports(new WebAssembly.Module(broken)).map(({ name }) => name);
      expect(names.at(-1)).toBe(LOOK_TABLE);
    }
  });

  it('leaves alone what it does not know, and never throws', () => {
    const unknown = module([0xfb, 0, 0]);
    expect(withBreaks(unknown)).toBe(unknown);
    for (let seed = 1; seed < 3000; seed++) {
      const wasm = module(seed % 2 ? LOOP : CALLS);
      for (let i = 0; i < 4; i++)
        wasm[8 + ((seed * (i + 7) * 2654435761) % (wasm.length - 8))] = (seed * 31 + i * 97) & 255;
      expect(withBreaks(wasm).length).toBeLessThan(wasm.length + 400);
    }
  });
});

describe('connect', () => {
  it('shows a runtime no export but its own', () => {
    const made = new WebAssembly.Instance(new WebAssembly.Module(withBreaks(module(LOOP))));
    const { exports } = connect(made, () => undefined);
    expect(Object.keys(exports)).toEqual(['run']);
  });
});

describe('needsBreaks', () => {
  const mac = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)';
  it.each([
    [true, `${mac} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15`],
    [
      true,
      'Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0 Mobile/15E148 Safari/604.1',
    ],
    [false, `${mac} AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36`],
    [false, 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'],
  ])('says %s of %s', (needed, agent) => {
    expect(needsBreaks(agent)).toBe(needed);
  });
});
