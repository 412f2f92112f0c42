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

/** Changes that are told at once in one frame. What a person does is not more. */
const AT_ONCE = 8;

/**
 * Derived is a Readable that is read from something that others change, perhaps a thousand times a
 * second. A few changes are told at once, further ones once a frame; whoever asks between gets what
 * is true. `read` gives its argument back where nothing has changed.
 */
export class Derived<T> implements Readable<T> {
  readonly #listeners = new Set<() => void>();
  readonly #read: (before: T | null) => T;
  #current: T;
  #told: T;
  #stale = false;
  /** Changes told in this frame, and how to end the wait for the next. */
  #count = 0;
  #cancel: (() => void) | null = null;

  constructor(read: (before: T | null) => T) {
    this.#read = read;
    this.#current = read(null);
    this.#told = this.#current;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly getSnapshot = (): T => {
    if (this.#stale) this.#current = this.#read(this.#current);
    this.#stale = false;
    return this.#current;
  };

  /** changed says that the value may differ now. */
  readonly changed = (): void => {
    this.#stale = true;
    this.#cancel ??= nextFrame(() => {
      const more = this.#count > AT_ONCE;
      this.#count = 0;
      this.#cancel = null;
      if (more) this.changed();
    });
    this.#count += 1;
    if (this.#count <= AT_ONCE) this.#tell();
  };

  dispose(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#listeners.clear();
  }

  #tell(): void {
    const now = this.getSnapshot();
    if (Object.is(now, this.#told)) return;
    this.#told = now;
    for (const listener of [...this.#listeners]) listener();
  }
}

/** Frames stop in a page that is out of sight. Then this wait ends, in milliseconds. */
const NO_FRAME_MS = 100;

/** nextFrame runs something once, in the next frame or soon. The returned function cancels it. */
export function nextFrame(run: () => void): () => void {
  const cancel = () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
  const once = () => {
    cancel();
    run();
  };
  const frame = requestAnimationFrame(once);
  const timer = setTimeout(once, NO_FRAME_MS);
  return cancel;
}
