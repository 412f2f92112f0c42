import { Value, type Readable } from '../lib/readable';
import { openOutboxStore, type OutboxEntry, type OutboxStore } from './outbox-store';
import type { PendingUpdates } from './pending-updates';

/** Name of a session's main document, the one with its files. */
export const MAIN_DOCUMENT = 'main';

/**
 * How it stands with what is kept on this device. `failed`: this browser keeps nothing (a private
 * window, a full disk), so that closing the page may lose changes.
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
  /** What is done with the store, one after the other. */
  #queue: Promise<void> = Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #queued = false;
  #written = false;
  #ended = false;

  readonly subscribe = this.#state.subscribe;
  readonly getSnapshot = this.#state.getSnapshot;
  /** Settles when what closed tabs had left behind has been taken over. */
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
   * saveNow is save for a page that goes: it also writes at once, as what waits for what is under
   * way may never have its turn.
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
   * clear forgets all of the document, of all tabs: it is over for this person. With the main
   * document goes everything of the session.
   */
  clear(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#options.pending.drop();
    const { session, name } = this.#options;
    void this.#enqueue((store) => store.clear(name === MAIN_DOCUMENT ? session : this.#document));
  }

  /** dispose stops; what is not stored stays on the device for whoever opens the document next. */
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
   * Takes an entry over when its tab is gone: at once where it is, else as soon as it is. Without
   * locks (pages that are not secure) it is taken at once in any case: a tab that lives has it in
   * memory too, and what reaches the server twice does nothing the second time.
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
