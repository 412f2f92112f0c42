import { COMPILE_LIMIT_MS } from './limits';

/** RunClock counts a program's computing time and calls back when the limit is reached. */
export class RunClock {
  readonly #limit: number;
  readonly #onTimeUp: (limitMs: number) => void;
  #left: number;
  #started = false;
  /** When the clock last started, by performance.now(); null while it stands. */
  #goingSince: number | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** onTimeUp gets the limit that was reached: limitMs, or the compiler's limit. */
  constructor(limitMs: number, onTimeUp: (limitMs: number) => void) {
    this.#limit = limitMs;
    this.#left = limitMs;
    this.#onTimeUp = onTimeUp;
  }

  /** start starts the clock when the program begins. Later calls do nothing. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    this.resume();
  }

  /** pause stops the clock while the program waits for a person. */
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

  /** compile stops the clock for the compiler, which has its own limit. */
  compile(): void {
    this.pause();
    this.#timer = setTimeout(() => this.#onTimeUp(COMPILE_LIMIT_MS), COMPILE_LIMIT_MS);
  }
}
