/** A little longer than a native promise (crypto, streams) usually takes to settle. */
const SETTLE_MS = 20;

/**
 * Timers counts the program's own timers, so that a run ends when nothing is left to do, as in a
 * terminal. It replaces the global functions once; `idle` is called each time the program may be
 * done.
 */
export class Timers {
  readonly #active = new Set<number>();
  readonly #setTimeout = globalThis.setTimeout.bind(globalThis);
  #onIdle: (() => void) | null = null;
  /** Whether nothing else is left to do either. */
  readonly #alsoIdle: () => boolean;

  constructor(alsoIdle: () => boolean = () => true) {
    this.#alsoIdle = alsoIdle;
  }

  install(): void {
    const target = globalThis as unknown as Record<string, unknown>;
    const nativeInterval = globalThis.setInterval.bind(globalThis);
    const nativeClear = globalThis.clearTimeout.bind(globalThis);
    target.setTimeout = (callback: unknown, delay?: number, ...args: unknown[]) => {
      const id = Number(
        this.#setTimeout(() => {
          this.#active.delete(id);
          try {
            call(callback, args);
          } finally {
            this.check();
          }
        }, delay),
      );
      this.#active.add(id);
      return id;
    };
    target.setInterval = (callback: unknown, delay?: number, ...args: unknown[]) => {
      const id = Number(nativeInterval(() => call(callback, args), delay));
      this.#active.add(id);
      return id;
    };
    // Not the browser's, but in many a program.
    target.setImmediate = (callback: unknown, ...args: unknown[]) =>
      (target.setTimeout as (...args: unknown[]) => number)(callback, 0, ...args);
    target.clearImmediate =
      target.clearTimeout =
      target.clearInterval =
        (id?: number) => {
          nativeClear(id);
          if (id !== undefined && this.#active.delete(id)) this.check();
        };
  }

  /** whenIdle calls back once, as soon as no timer is left. */
  whenIdle(callback: () => void): void {
    this.#onIdle = callback;
    this.check();
  }

  /** check is called when something has ended that may have been the last. */
  check(): void {
    this.#setTimeout(() => {
      if (this.#active.size > 0 || !this.#onIdle || !this.#alsoIdle()) return;
      const done = this.#onIdle;
      this.#onIdle = null;
      done();
    }, SETTLE_MS);
  }
}

function call(callback: unknown, args: unknown[]): void {
  if (typeof callback === 'function') (callback as (...args: unknown[]) => void)(...args);
}
