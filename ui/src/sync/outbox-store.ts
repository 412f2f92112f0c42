/** One tab's changes to one document of a session that the server has not stored. */
export interface OutboxEntry {
  /** `${document}/${tab}` */
  key: string;
  /** `${session}/${name of the document}` */
  document: string;
  update: Uint8Array;
  /** Milliseconds since 1970, by this device. */
  savedAt: number;
}

/** Where a browser keeps entries. Its methods reject when the browser refuses. */
export interface OutboxStore {
  put: (entry: OutboxEntry) => Promise<void>;
  remove: (key: string) => Promise<void>;
  /** Keys of the entries of one document. */
  keys: (document: string) => Promise<string[]>;
  /**
   * Hands an entry over: `into` gives the one that holds it from now on, and the old one goes, both
   * or neither.
   */
  take: (key: string, into: (update: Uint8Array) => OutboxEntry | null) => Promise<void>;
  /** Forgets all entries of a session, or of one document. */
  clear: (sessionOrDocument: string) => Promise<void>;
  close: () => void;
}

const DATABASE = 'parley';
const STORE = 'outbox';
const BY_DOCUMENT = 'document';

/** Age after which an entry is deleted. The server forgets a session long before. */
const MAX_AGE_MS = 30 * 24 * 3600_000;

/** openOutboxStore opens the browser's database. Private windows and policies may refuse it. */
export async function openOutboxStore(
  factory: IDBFactory = indexedDB,
  now = Date.now(),
): Promise<OutboxStore> {
  const database = await openDatabase(factory);
  const store = new IndexedDbStore(database);
  await store.forgetBefore(now - MAX_AGE_MS);
  return store;
}

function openDatabase(factory: IDBFactory): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = factory.open(DATABASE, 1);
    request.onupgradeneeded = () => {
      const store = request.result.createObjectStore(STORE, { keyPath: 'key' });
      store.createIndex(BY_DOCUMENT, 'document');
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('the database did not open'));
    // Another tab with an older version keeps it; there is one version only so far.
    request.onblocked = () => reject(new Error('the database is blocked'));
  });
}

class IndexedDbStore implements OutboxStore {
  readonly #database: IDBDatabase;

  constructor(database: IDBDatabase) {
    this.#database = database;
    // A later version of the page may change the database; then this one must let go of it.
    database.onversionchange = () => database.close();
  }

  put(entry: OutboxEntry): Promise<void> {
    return this.#change((store) => {
      store.put(entry);
      // So that it is done although the page is gone before it hears of it.
      store.transaction.commit();
    });
  }

  remove(key: string): Promise<void> {
    return this.#change((store) => void store.delete(key));
  }

  async keys(document: string): Promise<string[]> {
    const transaction = this.#database.transaction(STORE, 'readonly');
    const request = transaction.objectStore(STORE).index(BY_DOCUMENT).getAllKeys(document);
    await finished(transaction);
    return request.result.map(String);
  }

  take(key: string, into: (update: Uint8Array) => OutboxEntry | null): Promise<void> {
    return this.#change((store) => {
      const request = store.get(key) as IDBRequest<OutboxEntry | undefined>;
      request.onsuccess = () => {
        const update: unknown = request.result?.update;
        const next = update instanceof Uint8Array ? into(update) : null;
        if (next) store.put(next);
        store.delete(key);
      };
    });
  }

  clear(sessionOrDocument: string): Promise<void> {
    const below = IDBKeyRange.bound(`${sessionOrDocument}/`, `${sessionOrDocument}/\uffff`);
    return this.#change((store) => void store.delete(below));
  }

  forgetBefore(time: number): Promise<void> {
    return this.#change((store) => {
      const request = store.openCursor();
      request.onsuccess = () => {
        const cursor = request.result;
        if (!cursor) return;
        if ((cursor.value as OutboxEntry).savedAt < time) cursor.delete();
        cursor.continue();
      };
    });
  }

  close(): void {
    this.#database.close();
  }

  async #change(change: (store: IDBObjectStore) => void): Promise<void> {
    const transaction = this.#database.transaction(STORE, 'readwrite');
    change(transaction.objectStore(STORE));
    await finished(transaction);
  }
}

/**
 * finished resolves when all of a transaction is in the database, and rejects when none of it is.
 */
function finished(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = () => reject(transaction.error ?? new Error('the database refused a change'));
    transaction.oncomplete = () => resolve();
    transaction.onerror = fail;
    transaction.onabort = fail;
  });
}
