import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import type { Awareness } from 'y-protocols/awareness';
import { messageYjsSyncStep1, writeSyncStep1, writeUpdate } from 'y-protocols/sync';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { Value, type Readable } from '../lib/readable';
import { backoffMs } from './backoff';
import { countingSocket } from './counting-socket';
import { lostTexts, type LostText } from './lost-texts';
import { MAIN_DOCUMENT, Outbox, type OutboxOptions } from './outbox';
import { CLOSE } from './close-codes';
import { watchMissing } from './missing-causes';
import { PendingUpdates, type Own } from './pending-updates';
import { TakenWatch } from './taken-watch';

/**
 * Why changes were not accepted: this person may only read, the document would be too large, or the
 * server takes this page's changes for those of somebody else.
 */
export type RefusalReason = 'read only' | 'too large' | 'not taken';

/**
 * What a person needs to know of the connection. `loaded`: the document has been seen at least
 * once. `refused`: the server did not accept changes made here. This copy then differs from the
 * others' and has to be opened anew. `lost`: the refused text.
 */
export type ConnectionState =
  | { status: 'connecting' }
  | { status: 'live'; saved: boolean }
  | { status: 'offline'; retryAt: number; saved: boolean; loaded: boolean }
  | { status: 'refused'; lost: readonly LostText[]; reason: RefusalReason }
  | { status: 'ended'; code: number; lost: readonly LostText[] };

/**
 * hasDocument says whether the document has arrived. Before that nothing in it can be shown or
 * changed.
 */
export function hasDocument(state: ConnectionState): boolean {
  return state.status === 'live' || (state.status === 'offline' && state.loaded);
}

export interface ConnectionOptions {
  /** ws:// or wss:// address without the room, e.g. wss://host/ws/sessions. */
  url: string;
  room: string;
  token: string | null;
  doc: Y.Doc;
  awareness: Awareness;
  /** Given in tests. */
  outbox?: Pick<OutboxOptions, 'open' | 'locks'>;
  Socket?: typeof WebSocket;
  random?: () => number;
  now?: () => number;
}

/** Message types of y-protocols: document changes, and "permission denied". */
const MESSAGE_SYNC = 0;
const MESSAGE_AUTH = 2;

/**
 * Server to client, only with ?ack=1: a state vector, then how many of our messages are durable.
 */
const MESSAGE_SAVED = 100;

/** How long the server may take to echo our presence before the connection counts as dead. */
const PROBE_MS = 3_000;

/**
 * An acknowledgement takes a few milliseconds. Changes that are acknowledged by then are not
 * written to the device.
 */
const KEEP_AFTER_MS = 40;

/**
 * The provider waits min(2^n · 100 ms, maxBackoffTime); with n this high our own wait always
 * decides.
 */
const LET_MAX_DECIDE = 30;

/**
 * RoomConnection keeps one document in step with the relay over y-websocket, and says what is known
 * about it: connecting, live, offline with the time of the next try, or ended with the close code.
 */
export class RoomConnection implements Readable<ConnectionState> {
  readonly #options: ConnectionOptions;
  readonly #provider: WebsocketProvider;
  readonly #pending: PendingUpdates;
  readonly #state = new Value<ConnectionState>({ status: 'connecting' });
  readonly #now: () => number;
  /** Keeps this document's changes on the device until the server has them. */
  readonly outbox: Outbox;
  #attempt = 0;
  /** Messages received so far, on all connections. */
  #heard = 0;
  #loaded = false;
  /** The server's state vector when this connection began. */
  #theirs = new Map<number, number>();
  #probe: ReturnType<typeof setTimeout> | undefined;
  readonly #watch: TakenWatch;
  readonly #stopMissing: () => void;

  readonly subscribe = this.#state.subscribe;
  readonly getSnapshot = this.#state.getSnapshot;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#pending = new PendingUpdates((vector) => Y.encodeStateAsUpdate(options.doc, vector));
    const Socket = countingSocket(options.Socket ?? WebSocket, (kind) => this.#pending.sent(kind));
    // Registered before the provider's own listener, which sends: a change is noted first.
    options.doc.on('update', this.#onUpdate);
    this.#provider = new WebsocketProvider(options.url, options.room, options.doc, {
      connect: false,
      awareness: options.awareness,
      params: { ack: '1', ...(options.token ? { token: options.token } : {}) },
      WebSocketPolyfill: Socket,
      disableBc: true,
    });
    this.#provider.messageHandlers[MESSAGE_SAVED] = (_encoder, decoder) => this.#onSaved(decoder);
    this.#provider.messageHandlers[MESSAGE_AUTH] = () => this.#refuse('read only');
    this.#listenToStep1();
    this.#countMessages();
    this.#provider.on('status', ({ status }) => this.#onStatus(status));
    this.#provider.on('sync', (synced) => synced && this.#onSynced());
    this.#provider.on('connection-close', () => this.#onClose());
    this.#provider.on('closed', ({ code }) => this.#onEnded(code));
    options.doc.on('afterTransactionCleanup', this.#followClientId);
    const [session = '', name = MAIN_DOCUMENT] = options.room.split('/');
    const { pending, adopt } = { pending: this.#pending, adopt: this.#adopt };
    this.outbox = new Outbox({ session, name, pending, adopt, ...options.outbox });
    this.#watch = new TakenWatch({
      own: this.#own,
      reconnect: () => this.#reconnect(),
      giveUp: () => this.#refuse('not taken'),
    });
    this.#stopMissing = watchMissing(options.doc, () => this.#askForMissing());
    this.#provider.connect();
  }

  /** retryNow skips the wait; it does nothing while connected or ended. */
  retryNow(): void {
    if (this.#state.getSnapshot().status === 'offline') this.#provider.connect();
  }

  /**
   * probe finds out soon whether a connection that looks open still is, for instance after sleep or
   * when the network changed: the server echoes presence, so silence means that it is gone.
   */
  probe(): void {
    if (this.#state.getSnapshot().status !== 'live' || this.#probe !== undefined) return;
    const heard = this.#heard;
    this.#announce();
    this.#probe = setTimeout(() => {
      this.#probe = undefined;
      if (!this.#provider.wsconnected || this.#heard > heard) return;
      this.#reconnect();
    }, PROBE_MS);
  }

  dispose(): void {
    clearTimeout(this.#probe);
    this.#watch.reset();
    this.#stopMissing();
    this.#options.doc.off('update', this.#onUpdate);
    this.#options.doc.off('afterTransactionCleanup', this.#followClientId);
    this.outbox.dispose();
    this.#provider.destroy();
  }

  #reconnect(): void {
    this.#provider.disconnect();
    this.#provider.connect();
  }

  /** Step 1: the server answers with all that this document lacks. */
  #askForMissing(): void {
    if (!this.#provider.wsconnected) return;
    this.#send((encoder) => writeSyncStep1(encoder, this.#options.doc));
  }

  #send(write: (encoder: encoding.Encoder) => void): void {
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, MESSAGE_SYNC);
    write(encoder);
    this.#provider.ws?.send(encoding.toUint8Array(encoder));
  }

  readonly #own = (): Own => {
    const client = this.#options.doc.clientID;
    const last = this.#options.doc.store.clients.get(client)?.at(-1);
    return { client, clock: last ? last.id.clock + last.length : 0 };
  };

  /** Notes the server's state vector, and passes the message on to the provider. */
  #listenToStep1(): void {
    const { messageHandlers } = this.#provider;
    const handle = messageHandlers[MESSAGE_SYNC];
    if (!handle) return;
    messageHandlers[MESSAGE_SYNC] = (...message) => {
      const decoder = decoding.clone(message[1]);
      if (decoding.readVarUint(decoder) === messageYjsSyncStep1) {
        this.#theirs = Y.decodeStateVector(decoding.readVarUint8Array(decoder));
        this.#watch.told(this.#theirs);
        if (this.#over) return;
      }
      handle(...message);
    };
  }

  #countMessages(): void {
    const { messageHandlers } = this.#provider;
    messageHandlers.forEach((handle, type) => {
      messageHandlers[type] = (...message) => {
        this.#heard += 1;
        handle(...message);
      };
    });
  }

  #onStatus(status: 'connected' | 'connecting' | 'disconnected'): void {
    if (status === 'connecting') {
      this.#pending.connecting();
      this.#theirs.clear();
    }
    // Others dropped our presence when the old connection closed. They accept it again only with a
    // newer clock.
    if (status === 'connected') this.#announce();
  }

  /** Nothing comes after the last state. */
  get #over(): boolean {
    const { status } = this.#state.getSnapshot();
    return status === 'refused' || status === 'ended';
  }

  #onSynced(): void {
    if (this.#over) return;
    this.#attempt = 0;
    this.#loaded = true;
    this.#state.set({ status: 'live', saved: this.#pending.empty });
    if (!this.#pending.empty) this.#watch.waiting();
    // A tab that was closed while all were offline may have left something.
    void this.outbox.lookAround();
  }

  /** Runs before the provider computes its wait, so it can set it. */
  #onClose(): void {
    clearTimeout(this.#probe);
    this.#probe = undefined;
    this.#watch.reset();
    const wait = backoffMs(this.#attempt, this.#options.random);
    this.#attempt += 1;
    this.#provider.wsUnsuccessfulReconnects = LET_MAX_DECIDE;
    this.#provider.maxBackoffTime = wait;
    if (this.#over) return;
    const retryAt = this.#now() + wait;
    this.#state.set({ status: 'offline', retryAt, saved: this.#pending.empty, loaded: this.#loaded });
  }

  #onSaved(decoder: decoding.Decoder): void {
    const vector = Y.decodeStateVector(decoding.readVarUint8Array(decoder));
    if (!decoding.hasContent(decoder)) return;
    const more = this.#pending.stored(decoding.readVarUint(decoder), vector);
    if (this.#pending.empty) this.#watch.done();
    else if (more) {
      this.#watch.reset();
      this.#watch.waiting();
    }
    this.#showSaved();
    this.outbox.save(this.#pending.empty ? 0 : KEEP_AFTER_MS);
  }

  readonly #onUpdate = (update: Uint8Array, origin: unknown, _doc: Y.Doc, at: Y.Transaction): void => {
    if (origin === this.#provider || this.#over) return;
    this.#pending.changed(update, at.beforeState, this.#own());
    const live = this.#state.getSnapshot().status === 'live';
    if (live) this.#watch.waiting();
    this.outbox.save(live ? KEEP_AFTER_MS : 0);
    this.#showSaved();
  };

  /**
   * Applies changes that another tab of this person could not send. When the document lacks what
   * they build on, they wait inside Yjs, and step 2 sends them all the same. An open connection
   * sends them at once.
   */
  readonly #adopt = (update: Uint8Array): void => {
    const { doc } = this.#options;
    const before = Y.decodeStateVector(Y.encodeStateVector(doc));
    try {
      Y.applyUpdate(doc, update, this.#provider);
    } catch {
      return; // Not an update: nothing can be made of it.
    }
    this.#pending.changed(update, before);
    if (this.#provider.wsconnected) this.#send((encoder) => writeUpdate(encoder, update));
    this.#showSaved();
  };

  /**
   * This copy contains refused changes and can never equal the others' again. It is given up, and
   * nothing of it is sent.
   */
  #refuse(reason: RefusalReason): void {
    if (this.#pending.empty || this.#over) return;
    const lost = this.#giveUp();
    this.outbox.save();
    this.#state.set({ status: 'refused', lost, reason });
    this.#provider.disconnect();
  }

  #onEnded(code: number): void {
    // What was written last is too large, and the session is not over.
    if (code === CLOSE.tooLarge) this.#refuse('too large');
    if (this.#over) return;
    const lost = this.#giveUp();
    this.outbox.clear();
    this.#state.set({ status: 'ended', code, lost });
  }

  #giveUp(): readonly LostText[] {
    const update = this.#pending.merged();
    this.#pending.drop();
    return update ? lostTexts(this.#options.doc, update, this.#theirs) : [];
  }

  #showSaved(): void {
    const state = this.#state.getSnapshot();
    const saved = this.#pending.empty;
    if (state.status !== 'live' && state.status !== 'offline') return;
    if (state.saved !== saved) this.#state.set({ ...state, saved });
  }

  #announce(): void {
    const { awareness } = this.#options;
    awareness.setLocalState(awareness.getLocalState());
  }

  /**
   * Yjs takes a new client id when it finds its own in an update. Presence has to use the new one.
   */
  readonly #followClientId = (): void => {
    const { doc, awareness } = this.#options;
    if (awareness.clientID === doc.clientID) return;
    const state = awareness.getLocalState();
    awareness.setLocalState(null);
    awareness.clientID = doc.clientID;
    awareness.setLocalState(state);
  };
}
