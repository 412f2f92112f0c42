import * as Y from 'yjs';

/**
 * More single updates than this are merged into one. A person who is offline for an hour types
 * thousands.
 */
const MAX_SINGLE = 64;

interface Entry {
  update: Uint8Array;
  /** What the document had before it, by client. */
  before: Map<number, number>;
  /**
   * Which of our messages on the present connection carried it, counted from one; null: none yet.
   */
  sentAs: number | null;
  /** How far the document's own structs went with it. */
  own: Own;
}

/** Own is a client id, and how much of it a document has. */
export interface Own {
  client: number;
  clock: number;
}

/**
 * PendingUpdates holds the changes made here that the server has not stored yet.
 *
 * Sent is not saved: the server counts, per connection, how many sync messages with changes (step 2
 * and update) it has written durably, and tells the count n. Deletions do not show in a state
 * vector, the count covers them too.
 *
 * Invariant: a change leaves only when a message of the present connection carried it (an update of
 * its own, or step 2, which carries all that the server lacks), n covers that message, and the
 * server's state vector shows that it was not left out.
 */
export class PendingUpdates {
  readonly #encodeSince: (stateVector: Uint8Array) => Uint8Array;
  #entries: Entry[] = [];
  /** Sync messages with changes sent on the present connection. */
  #sent = 0;

  /**
   * encodeSince gives all that the document has and a state vector has not, in its shortest form.
   */
  constructor(encodeSince: (stateVector: Uint8Array) => Uint8Array) {
    this.#encodeSince = encodeSince;
  }

  get empty(): boolean {
    return this.#entries.length === 0;
  }

  /** A change was made here, to a document that had `before`. Call it before the change is sent. */
  changed(update: Uint8Array, before: Map<number, number>, own: Own = { client: 0, clock: 0 }): void {
    this.#entries.push({ update, before, sentAs: null, own });
    if (this.#entries.length > MAX_SINGLE) this.#mergeUnsent();
  }

  /**
   * A new connection starts to count at zero on both sides; what the old one carried may be lost.
   */
  connecting(): void {
    this.#sent = 0;
    for (const entry of this.#entries) entry.sentAs = null;
  }

  /** `part`: more messages follow, and the last of them makes the change complete. */
  sent(kind: 'step2' | 'update' | 'part'): void {
    this.#sent += 1;
    if (kind === 'part') return;
    const unsent = this.#entries.filter((entry) => entry.sentAs === null);
    // An update is sent when it is made, so it is the newest; step 2 carries all.
    for (const entry of kind === 'step2' ? unsent : unsent.slice(-1)) entry.sentAs = this.#sent;
  }

  /**
   * The server has stored the first n messages of this connection, and with them what the state
   * vector says. true: something of ours is stored that was not before.
   */
  stored(n: number, vector: ReadonlyMap<number, number> | null = null): boolean {
    const before = this.#entries.length;
    const has = ({ client, clock }: Own) => !vector || (vector.get(client) ?? 0) >= clock;
    this.#entries = this.#entries.filter(({ sentAs, own }) => sentAs === null || sentAs > n || !has(own));
    return this.#entries.length < before;
  }

  /** The server will not take any of it. */
  drop(): void {
    this.#entries = [];
  }

  /** merged gives all of it as one update; null when there is nothing. */
  merged(): Uint8Array | null {
    if (this.empty) return null;
    return Y.mergeUpdates(this.#entries.map((entry) => entry.update));
  }

  /**
   * Merged one by one, single letters would stay single; encoded from the document they are runs.
   */
  #mergeUnsent(): void {
    const [oldest, ...more] = this.#entries.filter((entry) => entry.sentAs === null);
    if (!oldest || more.length < MAX_SINGLE / 2) return;
    const update = this.#encodeSince(Y.encodeStateVector(oldest.before));
    const own = more.at(-1)?.own ?? oldest.own;
    const one = { update, before: oldest.before, sentAs: null, own };
    this.#entries = [...this.#entries.filter((entry) => entry.sentAs !== null), one];
  }
}
