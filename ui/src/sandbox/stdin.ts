import type { OutputBuffer } from './output-buffer';
import { LINE, LINE_OFFSET, type Shared } from './protocol';
import { post } from './worker-scope';

/** A line without its end; null when there is no more; 'interrupted' when the person pressed Stop. */
export type LineRead = { line: string } | 'end' | 'interrupted';

/**
 * Stdin gives a program one line at a time: first what was typed before the run, then, where memory can be
 * shared, by stopping the worker until the page hands over a line.
 */
export class Stdin {
  readonly #output: OutputBuffer;
  readonly #shared: Shared | null;
  #given: string[];

  constructor(output: OutputBuffer, shared: Shared | null, given: string) {
    this.#output = output;
    this.#shared = shared;
    this.#given = given === '' ? [] : given.replace(/\r?\n$/, '').split(/\r?\n/);
  }

  read(): LineRead {
    const given = this.#given.shift();
    const read = given !== undefined ? { line: given } : this.#ask();
    if (typeof read === 'object') this.#output.write(`${read.line}\n`, 'stdin');
    return read;
  }

  #ask(): LineRead {
    if (!this.#shared) return 'end';
    const control = new Int32Array(this.#shared.stdin, 0, 2);
    Atomics.store(control, 0, LINE.empty);
    this.#output.flush();
    post({ type: 'input' });
    Atomics.wait(control, 0, LINE.empty);
    if (Atomics.load(control, 0) === LINE.interrupted) return 'interrupted';
    const bytes = new Uint8Array(this.#shared.stdin, LINE_OFFSET, Atomics.load(control, 1)).slice();
    return { line: new TextDecoder().decode(bytes) };
  }
}
