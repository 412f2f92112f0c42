/** While a program runs the frame is asked this often whether it is there. */
const PING_MS = 2_000;
/**
 * A frame that has not answered for this long has crashed, for instance by a program that took all
 * memory.
 */
const DEAD_MS = 8_000;

/**
 * FrameWatch notices that a frame no longer answers, because some browsers do not report a crash.
 */
export class FrameWatch {
  readonly #ask: () => void;
  readonly #onDead: () => void;
  #timer: ReturnType<typeof setInterval> | undefined;
  #heardAt = 0;

  constructor(ask: () => void, onDead: () => void) {
    this.#ask = ask;
    this.#onDead = onDead;
  }

  start(): void {
    this.stop();
    this.heard();
    let askedAt = performance.now();
    this.#timer = setInterval(() => {
      const now = performance.now();
      // After sleep (a closed lid) the page has heard nothing because it was not running.
      if (now - askedAt > 2 * PING_MS) this.heard();
      askedAt = now;
      if (now - this.#heardAt < DEAD_MS) this.#ask();
      else this.#onDead();
    }, PING_MS);
  }

  /** heard notes that the frame has said something. */
  heard(): void {
    this.#heardAt = performance.now();
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
