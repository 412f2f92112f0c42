/**
 * SaveTracker decides whether everything done here is stored by the server.
 *
 * Sent is not saved: the server counts, per connection, how many sync messages with changes (step 2 and
 * update) it has written durably, and tells the count n. Deletions do not show in a state vector, the
 * count covers them too.
 *
 * Invariant: saved is true only if every local change was sent on the present connection, or answered by
 * its step 2 (which carries all that earlier connections may have lost), and n covers all that was sent.
 */
export class SaveTracker {
  /** Sync messages with changes sent on the present connection. */
  #sent = 0;
  /** Whether the present connection has carried our step 2. Before that, older changes may be missing. */
  #answered = false;
  #unsaved = false;

  get saved(): boolean {
    return !this.#unsaved;
  }

  /** A change was made here. */
  changed(): void {
    this.#unsaved = true;
  }

  /** A new connection starts to count at zero on both sides. */
  connecting(): void {
    this.#sent = 0;
    this.#answered = false;
  }

  sent(kind: 'step2' | 'update'): void {
    this.#sent += 1;
    if (kind === 'step2') this.#answered = true;
  }

  /** The server has stored the first n messages of this connection. */
  stored(n: number): void {
    if (this.#answered && n >= this.#sent) this.#unsaved = false;
  }
}
