import * as decoding from 'lib0/decoding';
import type { Awareness } from 'y-protocols/awareness';
import { WebsocketProvider } from 'y-websocket';
import type * as Y from 'yjs';
import { Value, type Readable } from '../lib/readable';
import { backoffMs } from './backoff';
import { countingSocket } from './counting-socket';
import { SaveTracker } from './save-tracker';

/** What a person needs to know of the connection. `loaded`: the document has been seen at least once. */
export type ConnectionState =
  | { status: 'connecting' }
  | { status: 'live'; saved: boolean }
  | { status: 'offline'; retryAt: number; saved: boolean; loaded: boolean }
  | { status: 'ended'; code: number };

export interface ConnectionOptions {
  /** ws:// or wss:// address without the room, e.g. wss://host/ws/sessions. */
  url: string;
  room: string;
  token: string | null;
  doc: Y.Doc;
  awareness: Awareness;
  /** Given in tests. */
  Socket?: typeof WebSocket;
  random?: () => number;
  now?: () => number;
}

/** Server to client, only with ?ack=1: a state vector, then how many of our messages are durable. */
const MESSAGE_SAVED = 100;

/** How long the server may take to echo our presence before the connection counts as dead. */
const PROBE_MS = 3_000;

/** The provider waits min(2^n · 100 ms, maxBackoffTime); with n this high our own wait always decides. */
const LET_MAX_DECIDE = 30;

/**
 * RoomConnection keeps one document in step with the relay over y-websocket, and says what is known about
 * it: connecting, live, offline with the time of the next try, or ended with the close code.
 */
export class RoomConnection implements Readable<ConnectionState> {
  readonly #options: ConnectionOptions;
  readonly #provider: WebsocketProvider;
  readonly #tracker = new SaveTracker();
  readonly #state = new Value<ConnectionState>({ status: 'connecting' });
  readonly #now: () => number;
  #attempt = 0;
  /** Messages received so far, on all connections. */
  #heard = 0;
  #loaded = false;
  #probe: ReturnType<typeof setTimeout> | undefined;

  readonly subscribe = this.#state.subscribe;
  readonly getSnapshot = this.#state.getSnapshot;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    const Socket = countingSocket(options.Socket ?? WebSocket, (kind) => this.#tracker.sent(kind));
    this.#provider = new WebsocketProvider(options.url, options.room, options.doc, {
      connect: false,
      awareness: options.awareness,
      params: { ack: '1', ...(options.token ? { token: options.token } : {}) },
      WebSocketPolyfill: Socket,
      disableBc: true,
    });
    this.#provider.messageHandlers[MESSAGE_SAVED] = (_encoder, decoder) => this.#onSaved(decoder);
    this.#countMessages();
    this.#provider.on('status', ({ status }) => this.#onStatus(status));
    this.#provider.on('sync', (synced) => synced && this.#onSynced());
    this.#provider.on('connection-close', () => this.#onClose());
    this.#provider.on('closed', ({ code }) => this.#state.set({ status: 'ended', code }));
    options.doc.on('update', this.#onUpdate);
    options.doc.on('afterTransactionCleanup', this.#followClientId);
    this.#provider.connect();
  }

  /** retryNow skips the wait; it does nothing while connected or ended. */
  retryNow(): void {
    if (this.#state.getSnapshot().status === 'offline') this.#provider.connect();
  }

  /**
   * probe finds out soon whether a connection that looks open still is, for instance after sleep or when
   * the network changed: the server echoes presence, so silence means that it is gone.
   */
  probe(): void {
    if (this.#state.getSnapshot().status !== 'live' || this.#probe !== undefined) return;
    const heard = this.#heard;
    this.#announce();
    this.#probe = setTimeout(() => {
      this.#probe = undefined;
      if (!this.#provider.wsconnected || this.#heard > heard) return;
      this.#provider.disconnect();
      this.#provider.connect();
    }, PROBE_MS);
  }

  dispose(): void {
    clearTimeout(this.#probe);
    this.#options.doc.off('update', this.#onUpdate);
    this.#options.doc.off('afterTransactionCleanup', this.#followClientId);
    this.#provider.destroy();
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
    if (status === 'connecting') this.#tracker.connecting();
    // Others dropped our state when the old connection closed; they take it again only with a newer clock.
    if (status === 'connected') this.#announce();
  }

  #onSynced(): void {
    this.#attempt = 0;
    this.#loaded = true;
    this.#state.set({ status: 'live', saved: this.#tracker.saved });
  }

  /** Runs before the provider computes its wait, so it can set it. */
  #onClose(): void {
    clearTimeout(this.#probe);
    this.#probe = undefined;
    const wait = backoffMs(this.#attempt, this.#options.random);
    this.#attempt += 1;
    this.#provider.wsUnsuccessfulReconnects = LET_MAX_DECIDE;
    this.#provider.maxBackoffTime = wait;
    if (this.#state.getSnapshot().status === 'ended') return;
    const retryAt = this.#now() + wait;
    this.#state.set({ status: 'offline', retryAt, saved: this.#tracker.saved, loaded: this.#loaded });
  }

  #onSaved(decoder: decoding.Decoder): void {
    decoding.readVarUint8Array(decoder);
    if (!decoding.hasContent(decoder)) return;
    this.#tracker.stored(decoding.readVarUint(decoder));
    this.#showSaved();
  }

  readonly #onUpdate = (_update: Uint8Array, origin: unknown): void => {
    if (origin === this.#provider) return;
    this.#tracker.changed();
    this.#showSaved();
  };

  #showSaved(): void {
    const state = this.#state.getSnapshot();
    const { saved } = this.#tracker;
    if ((state.status === 'live' || state.status === 'offline') && state.saved !== saved) {
      this.#state.set({ ...state, saved });
    }
  }

  #announce(): void {
    const { awareness } = this.#options;
    awareness.setLocalState(awareness.getLocalState());
  }

  /** Yjs takes a new client id when it meets its own in an update; presence must not stay with the old. */
  readonly #followClientId = (): void => {
    const { doc, awareness } = this.#options;
    if (awareness.clientID === doc.clientID) return;
    const state = awareness.getLocalState();
    awareness.setLocalState(null);
    awareness.clientID = doc.clientID;
    awareness.setLocalState(state);
  };
}
