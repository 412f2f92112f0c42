import { Value, type Readable } from '../lib/readable';

/**
 * Following says whose place in the files this browser shows: a Participant's id, or null for one's
 * own.
 */
export class Following implements Readable<string | null> {
  readonly #value = new Value<string | null>(null);
  readonly #jumps = new Set<(id: string) => void>();

  readonly subscribe = this.#value.subscribe;
  readonly getSnapshot = this.#value.getSnapshot;

  /** follow keeps file and view where that person is, until stop. */
  follow(id: string): void {
    this.#value.set(id);
  }

  stop(): void {
    this.#value.set(null);
  }

  /** toggle follows, or stops when it was that person who was followed. */
  toggle(id: string): void {
    this.#value.set(this.getSnapshot() === id ? null : id);
  }

  /** jump goes once to where that person is. */
  jump(id: string): void {
    this.stop();
    for (const listener of [...this.#jumps]) listener(id);
  }

  /** onJump is for whoever shows the files. */
  onJump(listener: (id: string) => void): () => void {
    this.#jumps.add(listener);
    return () => this.#jumps.delete(listener);
  }
}
