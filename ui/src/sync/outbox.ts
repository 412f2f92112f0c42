import { Value, type Readable } from '../lib/readable';
import { openOutboxStore, type OutboxEntry, type OutboxStore } from './outbox-store';
import type { PendingUpdates } from './pending-updates';

/** Name of a session's main document, the one with its files. */
export const MAIN_DOCUMENT = 'main';

/**
 * OutboxState says whether changes are kept on this device. `failed`: this browser keeps nothing (a
 * private window, a full disk), so closing the page may lose changes.
 */
export type OutboxState = 'opening' | 'kept' | 'failed';

export interface OutboxOptions {
  session: string;
  /** Name of the document in the session. */
  name: string;
  pending: PendingUpdates;
  /** Takes what another tab left behind into the document, and into `pending`. */
  adopt: (update: Uint8Array) => void;
  /** Given in tests. */
  open?: () => Promise<OutboxStore>;
  locks?: Pick<LockManager, 'request'> | undefined;
}

/**
 * Outbox keeps on this device what the server has not stored, so that it survives a reload, a crash
 * and a closed browser: one entry for each tab, written while the change is sent, gone as soon as
 * all is stored.
 *
 * An entry belongs to the tab that holds its lock. A tab that closes or crashes loses its lock;
 * whoever opens the document next (or has it open) takes the entry over and sends what is in it.
 */
export class Outbox implements Readable<OutboxState> {
  readonly #options: OutboxOptions;
  readonly #tab = crypto.getRandomValues(new Uint32Array(3)).join('-');
  readonly #state = new Value<OutboxState>('opening');
  readonly #lifetime = new AbortController();
  /** Keys of other tabs whose end this tab waits for. */
  readonly #awaited = new Set<string>();
  /** Tells other tabs of a new entry, so that they wait for it. */
  readonly #channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel('parley:outbox') : null;
  #store: Promise<OutboxStore> | null = null;
  /** The store's jobs, one after the other. */
  #queue: Promise<void> = Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #queued = false;
  #written = false;
  #ended = false;

  readonly subscribe = this.#state.subscribe;
  readonly getSnapshot = this.#state.getSnapshot;
  /** Resolves when the entries of closed tabs have been taken over. */
  readonly ready: Promise<void>;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#holdOwn();
    if (this.#channel) {
      this.#channel.onmessage = ({ data }) => data === this.#document && void this.lookAround();
    }
    this.ready = this.lookAround().then(() => {
      if (this.#state.getSnapshot() === 'opening') this.#state.set('kept');
    });
  }

  /**
   * save brings the entry up to date with `pending`, after so many milliseconds; getSnapshot tells
   * how it went.
   */
  save(delay = 0): void {
    if (this.#queued || this.#ended) return;
    if (delay > 0) {
      this.#timer ??= setTimeout(() => this.save(), delay);
      return;
    }
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#options.pending.empty && !this.#written) return;
    this.#queued = true;
    void this.#enqueue((store) => {
      this.#queued = false;
      return this.#write(store);
    });
  }

  /**
   * saveNow is save for a page that goes away. It also writes at once, because a job that waits for
   * another may never run.
   */
  saveNow(): void {
    this.save();
    this.#store
      ?.then(async (store) => {
        const update = this.#options.pending.merged();
        if (update && !this.#ended) await this.#put(store, update);
      })
      .catch(() => undefined); // save says so, should the page stay
  }

  /** lookAround takes over what tabs that were closed since have left behind. */
  async lookAround(): Promise<void> {
    if (this.#ended) return;
    let keys: string[] = [];
    await this.#enqueue(async (store) => {
      keys = await store.keys(this.#document);
    });
    await Promise.all(keys.filter((key) => key !== this.#key).map((key) => this.#awaitTab(key)));
  }

  /**
   * clear deletes the entries of all tabs for this document, because it is over for this person.
   * For the main document it deletes everything of the session.
   */
  clear(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#options.pending.drop();
    const { session, name } = this.#options;
    void this.#enqueue((store) => store.clear(name === MAIN_DOCUMENT ? session : this.#document));
  }

  /**
   * dispose stops. Changes that are not stored stay on the device for the next tab that opens the
   * document.
   */
  dispose(): void {
    this.save();
    clearTimeout(this.#timer);
    this.#channel?.close();
    void this.#enqueue((store) => {
      store.close();
      return Promise.resolve();
    }).finally(() => this.#lifetime.abort());
    this.#ended = true;
  }

  get #document(): string {
    return `${this.#options.session}/${this.#options.name}`;
  }

  get #key(): string {
    return `${this.#document}/${this.#tab}`;
  }

  get #locks(): Pick<LockManager, 'request'> | undefined {
    return 'locks' in this.#options ? this.#options.locks : globalThis.navigator?.locks;
  }

  /**
   * Runs a job when all before it are done. One that fails says so, and the next opens the store
   * anew.
   */
  #enqueue(job: (store: OutboxStore) => Promise<void>): Promise<void> {
    this.#queue = this.#queue.then(async () => {
      try {
        this.#store ??= (this.#options.open ?? openOutboxStore)();
        await job(await this.#store);
      } catch {
        this.#queued = false;
        this.#store = null;
        if (!this.#ended) this.#state.set('failed');
      }
    });
    return this.#queue;
  }

  /** Holds the lock of this tab's entry until the page is gone. */
  #holdOwn(): void {
    const { signal } = this.#lifetime;
    const untilClosed = () =>
      new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    this.#locks?.request(this.#key, untilClosed).catch(() => undefined);
  }

  /**
   * Takes an entry over when its tab is gone, now or later. Without locks (on plain http) it is
   * taken at once: a living tab has it in memory too, and the server ignores what reaches it twice.
   */
  async #awaitTab(key: string): Promise<void> {
    const locks = this.#locks;
    if (!locks) return this.#take(key);
    if (this.#awaited.has(key)) return;
    const free = await locks.request(key, { ifAvailable: true }, async (lock) => {
      if (lock) await this.#take(key);
      return lock !== null;
    });
    if (free || this.#ended) return;
    this.#awaited.add(key);
    locks
      .request(key, { signal: this.#lifetime.signal }, () => this.#take(key))
      .catch(() => undefined)
      .finally(() => this.#awaited.delete(key));
  }

  async #take(key: string): Promise<void> {
    if (this.#ended) return;
    await this.#enqueue((store) =>
      store.take(key, (update) => {
        this.#options.adopt(update);
        const all = this.#options.pending.merged();
        this.#written ||= all !== null;
        return all && this.#entry(all);
      }),
    );
  }

  async #write(store: OutboxStore): Promise<void> {
    const update = this.#options.pending.merged();
    if (update) {
      await this.#put(store, update);
    } else if (this.#written) {
      await store.remove(this.#key);
      this.#written = false;
    }
    if (!this.#ended) this.#state.set('kept');
  }

  /** Writes the entry, and tells other tabs of it when it is the first. */
  async #put(store: OutboxStore, update: Uint8Array): Promise<void> {
    const isNew = !this.#written;
    this.#written = true;
    await store.put(this.#entry(update));
    if (isNew && !this.#ended) this.#channel?.postMessage(this.#document);
  }

  #entry(update: Uint8Array): OutboxEntry {
    return { key: this.#key, document: this.#document, update, savedAt: Date.now() };
  }
}
