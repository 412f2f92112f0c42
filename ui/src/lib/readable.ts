/** Readable is a value that changes, in the shape that useSyncExternalStore takes. */
export interface Readable<T> {
  /** Calls back after each change until the returned function is called. */
  subscribe: (listener: () => void) => () => void;
  /** Gives the same reference until the next change. */
  getSnapshot: () => T;
}

/** Value is a Readable that its owner sets. */
export class Value<T> implements Readable<T> {
  readonly #listeners = new Set<() => void>();
  #current: T;

  constructor(initial: T) {
    this.#current = initial;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly getSnapshot = (): T => this.#current;

  set(next: T): void {
    if (Object.is(next, this.#current)) return;
    this.#current = next;
    for (const listener of [...this.#listeners]) listener();
  }
}
