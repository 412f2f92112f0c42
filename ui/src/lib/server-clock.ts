import { Value, type Readable } from './readable';

/** Where the time comes from; given in tests. */
export interface ClockSource {
  /** Milliseconds since 1970, by the server. */
  serverTime: () => Promise<number>;
  /** Milliseconds by a clock that nobody sets. */
  steady?: () => number;
  /** Milliseconds since 1970, by this machine. */
  local?: () => number;
}

/** Tries at each look: the quickest answer says most. */
const TRIES = 3;

/**
 * ServerClock tells the server's time, so that all people see the same on a timer whatever their
 * machines think. Until the server has answered it tells this machine's. Between looks it follows a
 * clock that nobody sets: a machine whose clock is put right in the middle of an interview does not
 * move it.
 */
export class ServerClock implements Readable<number> {
  readonly #source: Required<ClockSource>;
  /** Server's time at steady time 0, in milliseconds. */
  readonly #base: Value<number>;
  readonly subscribe: Readable<number>['subscribe'];
  /** Changes when another base is found. */
  readonly getSnapshot: Readable<number>['getSnapshot'];

  constructor(source: ClockSource) {
    this.#source = { steady: () => performance.now(), local: () => Date.now(), ...source };
    this.#base = new Value(this.#source.local() - this.#source.steady());
    this.subscribe = this.#base.subscribe;
    this.getSnapshot = this.#base.getSnapshot;
  }

  /** now gives milliseconds since 1970. */
  readonly now = (): number => this.#base.getSnapshot() + this.#source.steady();

  /** look asks the server; without an answer all stays as it was. */
  async look(): Promise<void> {
    let best: { took: number; base: number } | null = null;
    for (let i = 0; i < TRIES; i++) {
      const sent = this.#source.steady();
      const time = await this.#source.serverTime().catch(() => Number.NaN);
      const took = this.#source.steady() - sent;
      if (Number.isFinite(time) && (!best || took < best.took)) best = { took, base: time - sent - took / 2 };
    }
    if (best) this.#base.set(best.base);
  }
}
