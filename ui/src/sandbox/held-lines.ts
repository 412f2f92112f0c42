import { promiseText, type PromiseState, type ShowPromise } from './inspect';

type Write<S> = (text: string, stream: S) => void;

interface Line<S> {
  text: string;
  stream: S;
  /** Promises in it whose state is not known yet: their marks stand in the text. */
  asked: { mark: string; promise: Promise<unknown>; depth: number }[];
  known: boolean;
}

/** Lines wait no longer than this, in milliseconds: a program may never let go. */
const LONGEST_MS = 50;

/**
 * HeldLines writes lines that show promises. No program can see how a promise stands without
 * waiting for a moment; so the line waits, and those after it, until the program lets go. What is
 * told is how the promise stood when the line was made: a reaction to one that had settled then
 * comes before whatever else was put off later.
 */
export class HeldLines<S> {
  readonly #write: Write<S>;
  readonly #now: () => number;
  readonly #states = new WeakMap<Promise<unknown>, PromiseState>();
  #lines: Line<S>[] = [];
  #since = 0;
  #marks = 0;

  constructor(write: Write<S>, now: () => number = () => performance.now()) {
    this.#write = write;
    this.#now = now;
  }

  /** write takes a line; make writes its text, with promises as it is told. */
  write(make: (show: ShowPromise) => string, stream: S): void {
    const asked: Line<S>['asked'] = [];
    const text = make((promise, depth) => {
      const state = this.#states.get(promise);
      if (state) return promiseText(state, depth);
      const mark = `\0promise ${(this.#marks += 1)}\0`;
      asked.push({ mark, promise, depth });
      return mark;
    });
    if (this.#lines.length === 0 && asked.length === 0) return this.#write(text, stream);
    if (this.#lines.length === 0) this.#since = this.#now();
    const line = { text, stream, asked, known: asked.length === 0 };
    this.#lines.push(line);
    if (asked.length > 0) this.#ask(line);
    if (this.#now() - this.#since > LONGEST_MS) this.release();
  }

  /** release writes all that waits; what is not known by now is said to be pending. */
  release(): void {
    for (const line of this.#lines.splice(0)) this.#write(this.#textOf(line), line.stream);
  }

  #ask(line: Line<S>): void {
    for (const { promise } of line.asked) {
      const settled = (status: 'fulfilled' | 'rejected') => (value: unknown) =>
        void this.#states.set(promise, { status, value });
      then.call(promise, settled('fulfilled'), settled('rejected'));
    }
    later(() => {
      line.known = true;
      while (this.#lines[0]?.known) {
        const first = this.#lines.shift();
        if (first) this.#write(this.#textOf(first), first.stream);
      }
    });
  }

  #textOf({ text, asked }: Line<S>): string {
    return asked.reduce((all, { mark, promise, depth }) => {
      const state = this.#states.get(promise) ?? { status: 'pending' };
      return all.replace(mark, () => promiseText(state, depth));
    }, text);
  }
}

// Taken before any program can replace them.
const { then } = Promise.prototype;
const later = globalThis.queueMicrotask.bind(globalThis);
