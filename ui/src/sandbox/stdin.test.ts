import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { OutputBuffer } from './output-buffer';
import { LINE, LINE_BYTES, LINE_OFFSET, type Shared } from './protocol';
import { Stdin } from './stdin';

const silent = () => new OutputBuffer(() => undefined);

/** Shared memory into which another thread writes an answer, as soon as a program waits for one. */
function answered(text: string): Shared {
  const stdin = new SharedArrayBuffer(LINE_OFFSET + LINE_BYTES);
  const control = new Int32Array(stdin, 0, 2);
  control[0] = LINE.end;
  const script = `
    const { workerData: { stdin, text, offset, empty, ready } } = require('node:worker_threads');
    const control = new Int32Array(stdin, 0, 2);
    while (Atomics.load(control, 0) !== empty) Atomics.wait(control, 1, -1, 5);
    const bytes = new TextEncoder().encode(text);
    new Uint8Array(stdin, offset).set(bytes);
    Atomics.store(control, 1, bytes.length);
    Atomics.store(control, 0, ready);
    Atomics.notify(control, 0);`;
  const workerData = { stdin, text, offset: LINE_OFFSET, empty: LINE.empty, ready: LINE.ready };
  new Worker(script, { eval: true, workerData }).unref();
  return { stdin, interrupt: new SharedArrayBuffer(1) };
}

describe('Stdin', () => {
  it('gives what was typed before the run, line by line, empty lines too', () => {
    const stdin = new Stdin(silent(), null, 'a\r\n\nb\n');
    expect([stdin.read(), stdin.read(), stdin.read(), stdin.read()]).toEqual([
      { line: 'a' },
      { line: '' },
      { line: 'b' },
      'end',
    ]);
  });

  it('takes several lines that were pasted at once as several', () => {
    const stdin = new Stdin(silent(), answered('1\n\n3\n'), '');
    expect([stdin.read(), stdin.read(), stdin.read()]).toEqual([{ line: '1' }, { line: '' }, { line: '3' }]);
  });

  it('gives a long line whole, and in parts to whoever asks for bytes', () => {
    const long = '7'.repeat(100_000);
    expect(new Stdin(silent(), answered(long), '').read()).toEqual({ line: long });
    const stdin = new Stdin(silent(), null, long);
    let text = '';
    for (let bytes = stdin.readBytes(8192); bytes.length > 0; bytes = stdin.readBytes(8192))
      text += new TextDecoder().decode(bytes);
    expect(text).toBe(`${long}\n`);
  });
});
