/** How long an acknowledgement may take before the page asks for it, in milliseconds. */
const PATIENCE_MS = 15_000;
/** How long the server may take over what it was sent again. */
const AGAIN_MS = 6_000;
/** After the server was only slow, it gets more time. */
const SLOW_MS = 60_000;

export interface TakenWatchOptions {
  /** This document's own id, and how much of it the document has. */
  own: () => { client: number; clock: number };
  /** Connects anew, so that the server tells its state and is sent what it lacks. */
  reconnect: () => void;
  /** The server does not take what is written here. */
  giveUp: () => void;
}

/**
 * TakenWatch finds out that the server leaves out what is written here, as it does when it
 * believes that the document's client id belongs to somebody else. Then an acknowledgement does not
 * come. It does not come either while the server cannot store anything, and that is no loss. So the
 * page connects anew: the server tells what it has, stored or not, and is sent the rest. When the
 * rest is missing again at the next connection, it was not taken.
 */
export class TakenWatch {
  readonly #options: TakenWatchOptions;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wait = PATIENCE_MS;
  #checks = 0;
  /** What was not acknowledged when the check began. */
  #asked = { client: 0, clock: 0 };

  constructor(options: TakenWatchOptions) {
    this.#options = options;
  }

  /** Something waits for its acknowledgement, on a connection that works. */
  waiting(): void {
    this.#timer ??= setTimeout(() => this.#check(), this.#wait);
  }

  /** Something was acknowledged, or the connection is gone. */
  reset(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** All is stored. */
  done(): void {
    this.reset();
    this.#checks = 0;
    this.#wait = PATIENCE_MS;
  }

  /** The server told what it has. */
  told(theirs: ReadonlyMap<number, number>): void {
    if (this.#checks === 0) return;
    const { client, clock } = this.#asked;
    if ((theirs.get(client) ?? 0) >= clock) {
      this.#checks = 0;
      this.#wait = SLOW_MS;
    } else if (this.#checks === 1) {
      this.#wait = AGAIN_MS;
    } else {
      this.done();
      this.#options.giveUp();
    }
  }

  #check(): void {
    this.#timer = undefined;
    this.#checks += 1;
    if (this.#checks === 1) this.#asked = this.#options.own();
    this.#options.reconnect();
  }
}
