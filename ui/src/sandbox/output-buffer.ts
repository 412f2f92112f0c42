import type { OutputChunk, OutputStream } from './protocol';

/** One message per frame of the screen. */
const FLUSH_MS = 16;
/** Flush earlier when this many UTF-16 units wait. */
const FLUSH_UNITS = 8 * 1024;
/**
 * A run may send this many messages at once, and this many more each second. So a line is seen
 * although the program then computes for ever and never reaches a timer. Only floods exceed this.
 */
const FREE_FLUSHES = 300;
const FLUSHES_PER_MS = 0.06;
/** No page shows more than 256 KiB of a run, so more is dropped here. */
const MAX_UNITS = 300 * 1024;

/**
 * OutputBuffer gathers what a program writes, so that a tight loop of prints costs one message per
 * frame and not one per print.
 */
export class OutputBuffer {
  readonly #send: (chunks: OutputChunk[]) => void;
  readonly #now: () => number;
  #chunks: OutputChunk[] = [];
  #waiting = 0;
  #total = 0;
  #flushedAt = 0;
  #free = FREE_FLUSHES;
  #writtenAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(send: (chunks: OutputChunk[]) => void, now: () => number = () => performance.now()) {
    this.#send = send;
    this.#now = now;
  }

  write(text: string, stream: OutputStream): void {
    if (text === '' || this.#total > MAX_UNITS) return;
    const kept = text.slice(0, MAX_UNITS + 1 - this.#total);
    this.#total += kept.length;
    this.#waiting += kept.length;
    const last = this.#chunks.at(-1);
    if (last?.stream === stream) last.text += kept;
    else this.#chunks.push({ text: kept, stream });
    const now = this.#now();
    this.#free = Math.min(FREE_FLUSHES, this.#free + (now - this.#writtenAt) * FLUSHES_PER_MS);
    this.#writtenAt = now;
    if (this.#waiting >= FLUSH_UNITS || now - this.#flushedAt >= FLUSH_MS || this.#free >= 1) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), FLUSH_MS);
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#flushedAt = this.#now();
    if (this.#chunks.length === 0) return;
    this.#free = Math.max(0, this.#free - 1);
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#waiting = 0;
    this.#send(chunks);
  }
}
