import { COMPILE_LIMIT_MS } from './limits';

/** RunClock counts the time that a program computes, and says when that is used up. */
export class RunClock {
  readonly #limit: number;
  readonly #onTimeUp: (limitMs: number) => void;
  #left: number;
  #started = false;
  /** When the clock was set going, by performance.now(); null while it stands still. */
  #goingSince: number | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** onTimeUp gets the limit that was reached: limitMs, or that of the compiler. */
  constructor(limitMs: number, onTimeUp: (limitMs: number) => void) {
    this.#limit = limitMs;
    this.#left = limitMs;
    this.#onTimeUp = onTimeUp;
  }

  /** start sets the clock going when the program begins. A program begins once. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    this.resume();
  }

  /** pause stops the clock: the program waits for a person. */
  pause(): void {
    clearTimeout(this.#timer);
    if (this.#goingSince !== null) this.#left -= performance.now() - this.#goingSince;
    this.#goingSince = null;
  }

  resume(): void {
    this.pause();
    this.#goingSince = performance.now();
    this.#timer = setTimeout(() => this.#onTimeUp(this.#limit), Math.max(0, this.#left));
  }

  /** compile stops the clock for a compiler, which has a limit of its own. */
  compile(): void {
    this.pause();
    this.#timer = setTimeout(() => this.#onTimeUp(COMPILE_LIMIT_MS), COMPILE_LIMIT_MS);
  }
}
