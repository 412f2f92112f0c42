import { describe, expect, it } from 'vitest';
import { formatArguments, outputConsole } from './console';
import { consoleTable } from './console-table';
import { HeldLines } from './held-lines';
import { errorText, inspect, ownFiles } from './inspect';
import { OutputBuffer } from './output-buffer';
import type { OutputChunk } from './protocol';
import { columnsOf } from './text-width';
import { randomUUID } from './uuid';

class Point {
  constructor(
    public x: number,
    public y: number,
  ) {}
}

describe('inspect', () => {
  const cycle: Record<string, unknown> = { name: 'loop' };
  cycle.self = cycle;
  it.each([
    [1, '1'],
    [-0, '-0'],
    [NaN, 'NaN'],
    [10n, '10n'],
    ['text', "'text'"],
    ["it's", '"it\'s"'],
    ['line\nbreak', "'line\\nbreak'"],
    [null, 'null'],
    [undefined, 'undefined'],
    [Symbol('s'), 'Symbol(s)'],
    [[], '[]'],
    [[1, 'a', [2]], "[ 1, 'a', [ 2 ] ]"],
    [{}, '{}'],
    [{ a: 1, 'b-c': { d: [1] } }, "{ a: 1, 'b-c': { d: [ 1 ] } }"],
    [new Map([['a', 1]]), "Map(1) { 'a' => 1 }"],
    [new Set([1, 2]), 'Set(2) { 1, 2 }'],
    [new Point(1, 2), 'Point { x: 1, y: 2 }'],
    [Object.create(null), '[Object: null prototype] {}'],
    [new Uint8Array([1, 2]), 'Uint8Array(2) [ 1, 2 ]'],
    [() => 1, '[Function: (anonymous)]'],
    [Point, '[class Point]'],
    [class Dot extends Point {}, '[class Dot extends Point]'],
    [Array(3), '[ <3 empty items> ]'],
    [new Date(0), '1970-01-01T00:00:00.000Z'],
    [new Date(NaN), 'Invalid Date'],
    [/a+/g, '/a+/g'],
    [cycle, "<ref *1> { name: 'loop', self: [Circular *1] }"],
    [[1, , 3], '[ 1, <1 empty item>, 3 ]'],
  ])('%#', (value, want) => {
    expect(inspect(value)).toBe(want);
  });

  it('looks at getters without calling them', () => {
    let called = false;
    const trap = {
      get x() {
        called = true;
        return 1;
      },
    };
    expect(inspect(trap)).toBe('{ x: [Getter] }');
    expect(called).toBe(false);
  });

  it('survives a proxy that throws', () => {
    const hostile = new Proxy({}, { ownKeys: () => { throw new Error('no'); } }); // prettier-ignore
    expect(inspect(hostile)).toBe('[object that cannot be shown]');
  });

  it('breaks long values into lines and cuts long lists', () => {
    expect(inspect({ first: 'x'.repeat(50), second: 'y'.repeat(50) }).split('\n')).toHaveLength(4);
    expect(inspect(Array.from({ length: 500 }, (_, i) => i))).toContain('… 400 more items');
  });

  it('shows an error with the program’s own lines only', () => {
    const error = new TypeError('bad');
    error.stack = 'TypeError: bad\n    at f (main.js:2:8)\n    at run (blob:null/1:1:1)\n    at main.js:4:1';
    expect(errorText(error)).toBe('TypeError: bad\n    at f (main.js:2:8)\n    at main.js:4:1');
    ownFiles(['solution.js', 'my-lib.js']);
    error.stack = 'TypeError: bad\n    at f (my-lib.js:2:8)\n    at lib.js:1:1\n    at solution.js:4:1';
    expect(errorText(error)).toBe('TypeError: bad\n    at f (my-lib.js:2:8)\n    at solution.js:4:1');
    ownFiles(['main.js']);
    error.stack = 'f@main.js:2:8\n@main.js:4:1\nrun@blob:x:1:1';
    expect(errorText(error)).toBe('TypeError: bad\n    at f (main.js:2:8)\n    at main.js:4:1');
  });
});

describe('console', () => {
  it.each([
    [['a', 1, { b: 2 }], 'a 1 { b: 2 }'],
    [['%s is %d years', 'Ada', 36, 'old'], 'Ada is 36 years old'],
    [['100%', 1], '100% 1'],
    [['%c styled', 'color: red'], ' styled'],
    [['%s'], '%s'],
    [['50%% sure'], '50%% sure'],
    [['%d%% of %i', '42', '42abc'], '42% of 42'],
    [['%j', { a: [1] }], '{"a":[1]}'],
    [[], ''],
  ])('%j → %j', (args, want) => {
    expect(formatArguments(args)).toBe(want);
  });

  it('tells how a promise stood when it was shown', async () => {
    const chunks: OutputChunk[] = [];
    const buffer = new OutputBuffer((sent) => chunks.push(...sent));
    const { methods, release } = outputConsole(buffer);
    let resolve: (value: number) => void = () => undefined;
    const late = new Promise<number>((done) => (resolve = done));
    methods.log?.(Promise.resolve(5), (async () => undefined)(), late);
    methods.log?.('in order');
    resolve(7);
    await null;
    await null;
    methods.log?.(late, [Promise.reject(new Error('no'))]);
    methods.log?.(new Promise(() => undefined));
    release();
    buffer.flush();
    const text = chunks.map((chunk) => chunk.text).join('');
    expect(text.split('\n').slice(0, 2)).toEqual([
      'Promise { 5 } Promise { undefined } Promise { <pending> }',
      'in order',
    ]);
    expect(text).toContain('Promise { 7 } [ Promise { <pending> } ]\nPromise { <pending> }\n');
  });

  it('does not hold lines back from a program that never lets go', () => {
    const written: string[] = [];
    let now = 0;
    const lines = new HeldLines<'stdout'>((text) => written.push(text), () => now); // prettier-ignore
    lines.write((show) => show(Promise.resolve(1), 0), 'stdout');
    lines.write(() => 'next', 'stdout');
    expect(written).toEqual([]);
    now = 1000;
    lines.write(() => 'later', 'stdout');
    expect(written).toEqual(['Promise { <pending> }', 'next', 'later']);
  });

  it.each([
    [[{ a: 1, b: 'x' }, { a: 3 }], undefined, ['(index) | a | b', "0 | 1 | 'x'", '1 | 3 |']],
    [[[1, 2], ['日']], undefined, ['(index) | 0 | 1', '0 | 1 | 2', "1 | '日' |"]],
    [[{ a: 1 }, 5], undefined, ['(index) | a | Values', '0 | 1 |', '1 |  | 5']],
    [{ row: { c: 1, d: 2 } }, ['d'], ['(index) | d', 'row | 2']],
    [new Map([['k', { v: 1 }]]), undefined, ['(iteration index) | Key | Values', "0 | 'k' | { v: 1 }"]],
    [new Set(['s']), undefined, ['(iteration index) | Values', "0 | 's'"]],
    [[], undefined, ['(index)']],
  ])('draws a table of %j', (data, columns, want) => {
    const table = consoleTable(data, columns, () => 'Promise {}') ?? '';
    const lines = table.split('\n');
    expect(new Set(lines.map(columnsOf)).size).toBe(1);
    const cells = lines.filter((line) => line.startsWith('│'));
    expect(cells.map((line) => line.slice(1, -1).split('│').map((cell) => cell.trim()).join(' | ').trim())).toEqual(want); // prettier-ignore
  });

  it('draws no table of what has no rows', () => {
    expect(consoleTable(5, undefined, () => '')).toBeNull();
  });

  it('separates streams and indents groups', () => {
    const chunks: OutputChunk[] = [];
    const buffer = new OutputBuffer((sent) => chunks.push(...sent));
    const console = outputConsole(buffer).methods;
    console.log?.('one');
    console.group?.('group');
    console.log?.('two\nlines');
    console.groupEnd?.();
    console.error?.('three');
    buffer.flush();
    const text = (stream: string) =>
      chunks
        .filter((c) => c.stream === stream)
        .map((c) => c.text)
        .join('');
    expect(text('stdout')).toBe('one\ngroup\n  two\n  lines\n');
    expect(text('stderr')).toBe('three\n');
  });
});

describe('OutputBuffer', () => {
  it('sends at once what a program says now and then, for it may never come to a timer', () => {
    const sent: OutputChunk[][] = [];
    const buffer = new OutputBuffer((chunks) => sent.push(chunks), () => 1000); // prettier-ignore
    buffer.write('a', 'stdout');
    buffer.write('b', 'stdout');
    expect(sent.flat().map(({ text }) => text)).toEqual(['a', 'b']);
  });

  it('gathers what a flood writes within a frame', () => {
    let now = 1000;
    const sent: OutputChunk[][] = [];
    const buffer = new OutputBuffer((chunks) => sent.push(chunks), () => now); // prettier-ignore
    for (let i = 0; i < 5000; i++) buffer.write('x', 'stdout');
    const before = sent.length;
    expect(before).toBeLessThan(400);
    now += 20;
    buffer.write('y', 'stdout');
    expect(sent.length).toBe(before + 1);
    expect(sent.flat().map(({ text }) => text).join('').length).toBe(5001); // prettier-ignore
  });

  it('stops when no more will ever be shown', () => {
    let units = 0;
    const buffer = new OutputBuffer((chunks) => chunks.forEach((c) => (units += c.text.length)));
    for (let i = 0; i < 5000; i++) buffer.write('x'.repeat(1000), 'stdout');
    buffer.flush();
    expect(units).toBeGreaterThan(256 * 1024);
    expect(units).toBeLessThan(310 * 1024);
  });
});

describe('randomUUID', () => {
  it('marks version and variant', () => {
    expect(randomUUID(new Uint8Array(16).fill(255))).toBe('ffffffff-ffff-4fff-bfff-ffffffffffff');
    expect(new Set([randomUUID(), randomUUID()]).size).toBe(2);
  });
});
