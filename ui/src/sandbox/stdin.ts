import type { OutputBuffer } from './output-buffer';
import { LINE, LINE_OFFSET, type Shared } from './protocol';
import { post } from './worker-scope';

/** A line without its end; 'end' when there is no more; 'interrupted' when the person pressed Stop. */
export type LineRead = { line: string } | 'end' | 'interrupted';

/**
 * Stdin gives a program one line at a time: first what was typed before the run, then, where memory can be
 * shared, by stopping the worker until the page hands over a line.
 */
export class Stdin {
  readonly #output: OutputBuffer;
  readonly #shared: Shared | null;
  #given: string[];
  /** Bytes of a line that was asked for and is not used up. */
  #bytes = new Uint8Array();

  constructor(output: OutputBuffer, shared: Shared | null, given: string) {
    this.#output = output;
    this.#shared = shared;
    this.#given = given === '' ? [] : linesOf(given);
  }

  read(): LineRead {
    const given = this.#given.shift();
    const read = given !== undefined ? { line: given } : this.#ask();
    if (typeof read === 'object') this.#output.write(`${read.line}\n`, 'stdin');
    return read;
  }

  /**
   * readBytes gives up to max bytes of the next line, its end included; none when there is no more.
   * interrupted is called when the person pressed Stop.
   */
  readBytes(max: number, interrupted: () => void = () => undefined): Uint8Array {
    if (this.#bytes.length === 0) {
      const read = this.read();
      if (read === 'interrupted') interrupted();
      if (typeof read !== 'object') return new Uint8Array();
      this.#bytes = new TextEncoder().encode(`${read.line}\n`);
    }
    const bytes = this.#bytes.subarray(0, max);
    this.#bytes = this.#bytes.subarray(bytes.length);
    return bytes;
  }

  #ask(): LineRead {
    if (!this.#shared) return 'end';
    const control = new Int32Array(this.#shared.stdin, 0, 2);
    Atomics.store(control, 0, LINE.empty);
    this.#output.flush();
    post({ type: 'input' });
    Atomics.wait(control, 0, LINE.empty);
    const state = Atomics.load(control, 0);
    if (state === LINE.interrupted) return 'interrupted';
    if (state === LINE.end) return 'end';
    const bytes = new Uint8Array(this.#shared.stdin, LINE_OFFSET, Atomics.load(control, 1)).slice();
    // Several lines may have been pasted at once: those after the first are there when they are
    // asked for.
    const [line = '', ...more] = linesOf(new TextDecoder().decode(bytes));
    this.#given.push(...more);
    return { line };
  }
}

/** linesOf cuts a text into lines; an end after the last one begins no further line. */
function linesOf(text: string): string[] {
  return text.replace(/\r?\n$/, '').split(/\r?\n/);
}
