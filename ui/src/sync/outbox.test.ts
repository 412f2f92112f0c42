import { IDBFactory, IDBKeyRange } from 'fake-indexeddb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as Y from 'yjs';
import { Outbox } from './outbox';
import { openOutboxStore, type OutboxStore } from './outbox-store';
import { PendingUpdates } from './pending-updates';

/**
 * Locks as browsers have them, for as many tabs as one likes; a tab that crashes gives its locks
 * back.
 */
class FakeLocks {
  readonly #queues = new Map<string, (() => void)[]>();

  request = (async (name: string, second: unknown, third?: unknown) => {
    const options = (third ? second : {}) as LockOptions;
    const callback = (third ?? second) as (lock: unknown) => unknown;
    if (this.#queues.has(name)) {
      if (options.ifAvailable) return callback(null);
      await new Promise<void>((resolve, reject) => {
        this.#queues.get(name)?.push(resolve);
        options.signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')));
      });
    } else this.#queues.set(name, []);
    try {
      return await callback({ name });
    } finally {
      const next = this.#queues.get(name)?.shift();
      if (next) next();
      else this.#queues.delete(name);
    }
  }) as LockManager['request'];
}

let factory: IDBFactory;
let locks: FakeLocks;
const PATIENCE = { timeout: 30_000 };
const tabs: Tab[] = [];

const open = () => openOutboxStore(factory);

/** One tab of a person: its document, what is pending of it, its outbox. */
class Tab {
  readonly doc = new Y.Doc();
  readonly text = this.doc.getText('t');
  readonly pending = new PendingUpdates((vector) => Y.encodeStateAsUpdate(this.doc, vector));
  readonly outbox: Outbox;

  constructor(
    with_: { open?: () => Promise<OutboxStore>; locks?: FakeLocks | undefined; name?: string } = {},
  ) {
    this.doc.on('update', (update: Uint8Array, origin: unknown, _doc: Y.Doc, at: Y.Transaction) => {
      if (origin === 'server') return;
      this.pending.changed(update, at.beforeState);
      this.outbox.save();
    });
    this.outbox = new Outbox({
      session: 's1',
      name: with_.name ?? 'main',
      pending: this.pending,
      adopt: (update) => {
        const before = Y.decodeStateVector(Y.encodeStateVector(this.doc));
        Y.applyUpdate(this.doc, update, 'server');
        this.pending.changed(update, before);
      },
      open: with_.open ?? open,
      locks: 'locks' in with_ ? with_.locks : locks,
    });
    tabs.push(this);
  }

  /** The server stores everything. */
  stored(): void {
    this.pending.connecting();
    this.pending.sent('step2');
    this.pending.stored(1);
    this.outbox.save();
  }
}

async function entries(document = 's1/main'): Promise<number> {
  const store = await open();
  const keys = await store.keys(document);
  store.close();
  return keys.length;
}

const untilEntries = (count: number, document?: string) =>
  vi.waitFor(async () => expect(await entries(document)).toBe(count), PATIENCE);

// A busy machine may take its time with any of it.
vi.setConfig({ testTimeout: 60_000 });

describe('Outbox', () => {
  beforeEach(() => {
    vi.stubGlobal('IDBKeyRange', IDBKeyRange);
    factory = new IDBFactory();
    locks = new FakeLocks();
  });

  afterEach(() => {
    for (const tab of tabs.splice(0)) tab.outbox.dispose();
    vi.unstubAllGlobals();
  });

  it('keeps nothing while there is nothing to keep', async () => {
    const tab = new Tab();
    await tab.outbox.ready;
    expect(tab.outbox.getSnapshot()).toBe('kept');
    expect(await entries()).toBe(0);
  });

  it('keeps what is not stored, and forgets it when it is', async () => {
    const tab = new Tab();
    tab.text.insert(0, 'offline');
    await untilEntries(1);
    tab.stored();
    await untilEntries(0);
  });

  it('keeps the last letters of a page that goes, though a write is under way', async () => {
    const busy = async (): Promise<OutboxStore> => {
      const store = await open();
      const put = store.put.bind(store);
      store.put = (entry) => {
        store.put = put;
        // It never hears that it is done.
        return put(entry).then(() => new Promise<never>(() => undefined));
      };
      return store;
    };
    const first = new Tab({ open: busy });
    first.text.insert(0, 'a');
    await untilEntries(1);
    first.text.insert(1, 'bc');
    first.outbox.saveNow();
    locks = new FakeLocks(); // the tab is gone
    const second = new Tab();
    await second.outbox.ready;
    expect(second.text.toString()).toBe('abc');
  });

  it('gives a closed tab’s changes to the next one, which hands them on until the server has them', async () => {
    const first = new Tab();
    first.text.insert(0, 'typed on the train');
    await untilEntries(1);
    first.outbox.dispose();
    const second = new Tab();
    await second.outbox.ready;
    expect(second.text.toString()).toBe('typed on the train');
    expect(second.pending.empty).toBe(false);
    expect(await entries()).toBe(1);
    second.outbox.dispose();
    const third = new Tab();
    await third.outbox.ready;
    expect(third.text.toString()).toBe('typed on the train');
    third.stored();
    await untilEntries(0);
  });

  it('leaves an open tab’s changes alone, and takes them when it is closed', async () => {
    const first = new Tab();
    first.text.insert(0, 'first');
    await untilEntries(1);
    const second = new Tab();
    await second.outbox.ready;
    expect(second.text.toString()).toBe('');
    second.text.insert(0, 'second');
    await untilEntries(2);
    first.outbox.dispose();
    await vi.waitFor(() => expect(second.text.toString()).toContain('first'), PATIENCE);
    await untilEntries(1);
  });

  it('takes over without locks too', async () => {
    const first = new Tab({ locks: undefined });
    first.text.insert(0, 'no locks');
    await untilEntries(1);
    const second = new Tab({ locks: undefined });
    await second.outbox.ready;
    expect(second.text.toString()).toBe('no locks');
    second.stored();
    await untilEntries(0);
  });

  it('takes over changes that build on what the document lacks', async () => {
    const first = new Tab();
    Y.applyUpdate(first.doc, Y.encodeStateAsUpdate(first.doc), 'server');
    first.text.insert(0, 'known to the server, ');
    const server = new Y.Doc();
    Y.applyUpdate(server, Y.encodeStateAsUpdate(first.doc));
    first.stored();
    first.text.insert(21, 'and this is not');
    await untilEntries(1);
    first.outbox.dispose();
    const second = new Tab();
    await second.outbox.ready;
    expect(second.text.toString()).toBe('');
    Y.applyUpdate(server, Y.encodeStateAsUpdate(second.doc, Y.encodeStateVector(server)));
    expect(server.getText('t').toString()).toBe('known to the server, and this is not');
  });

  it('forgets all of a session with its main document, and only itself with another', async () => {
    const main = new Tab();
    const notes = new Tab({ name: 'notes' });
    main.text.insert(0, 'x');
    notes.text.insert(0, 'y');
    await untilEntries(1);
    await untilEntries(1, 's1/notes');
    notes.outbox.clear();
    await untilEntries(0, 's1/notes');
    expect(await entries()).toBe(1);
    notes.outbox.dispose();
    const again = new Tab({ name: 'notes' });
    again.text.insert(0, 'z');
    await untilEntries(1, 's1/notes');
    main.outbox.clear();
    await untilEntries(0);
    await untilEntries(0, 's1/notes');
    main.text.insert(0, 'after the end');
    await main.outbox.ready;
    expect(await entries()).toBe(0);
  });

  it('says so when the browser keeps nothing', async () => {
    const tab = new Tab({ open: () => Promise.reject(new DOMException('no', 'SecurityError')) });
    await tab.outbox.ready;
    expect(tab.outbox.getSnapshot()).toBe('failed');
    tab.text.insert(0, 'typing goes on');
    expect(tab.text.toString()).toBe('typing goes on');
  });

  it('says so when the disk is full, and that it is well again once it is', async () => {
    let full = true;
    const quota = async (): Promise<OutboxStore> => {
      const store = await open();
      const put = store.put.bind(store);
      store.put = (entry) =>
        full ? Promise.reject(new DOMException('full', 'QuotaExceededError')) : put(entry);
      return store;
    };
    const tab = new Tab({ open: quota });
    tab.text.insert(0, 'a');
    await vi.waitFor(() => expect(tab.outbox.getSnapshot()).toBe('failed'), PATIENCE);
    full = false;
    tab.text.insert(1, 'b');
    await vi.waitFor(() => expect(tab.outbox.getSnapshot()).toBe('kept'), PATIENCE);
    expect(await entries()).toBe(1);
  });

  it('opens the database anew when the browser has closed it', async () => {
    let last: OutboxStore | null = null;
    const tab = new Tab({ open: async () => (last = await open()) });
    await tab.outbox.ready;
    (last as OutboxStore | null)?.close();
    tab.text.insert(0, 'a');
    await vi.waitFor(() => expect(tab.outbox.getSnapshot()).toBe('failed'), PATIENCE);
    tab.text.insert(1, 'b');
    await vi.waitFor(() => expect(tab.outbox.getSnapshot()).toBe('kept'), PATIENCE);
    expect(await entries()).toBe(1);
  });

  it('goes on when an entry is no update', async () => {
    const store = await open();
    await store.put({ key: 's1/main/x', document: 's1/main', update: 7 as never, savedAt: Date.now() });
    await store.put({ key: 's1/main/old', document: 's1/main', update: new Uint8Array(2), savedAt: 0 });
    store.close();
    const tab = new Tab();
    await tab.outbox.ready;
    expect(tab.outbox.getSnapshot()).toBe('kept');
    expect(await entries()).toBe(0);
  });
});
