import { readVarUint8Array } from 'lib0/decoding';
import WebSocket from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import type { Server } from './server';
import { until } from './until';

/** A client without a screen: the real y-websocket provider, as any other editor would use it. */
export class Peer {
  readonly doc = new Y.Doc();
  readonly provider: WebsocketProvider;
  /** Close codes of the connections that ended, oldest first. */
  readonly closed: number[] = [];
  /** State vectors of the server's saved messages (type 100, sent with ack=1), newest last. */
  readonly saved: Map<number, number>[] = [];

  constructor(server: Server, room: string, params: Record<string, string> = {}) {
    const base = `${server.origin.replace('http', 'ws')}/ws/sessions`;
    this.provider = new WebsocketProvider(base, room, this.doc, {
      WebSocketPolyfill: WebSocket as unknown as typeof globalThis.WebSocket,
      disableBc: true,
      params,
    });
    this.provider.messageHandlers[100] = (_encoder, decoder) => {
      this.saved.push(Y.decodeStateVector(readVarUint8Array(decoder)));
    };
    this.provider.on('connection-close', (event: { code: number } | null) => {
      if (event) this.closed.push(event.code);
    });
  }

  /** Resolves when the server's document has been merged into this one. */
  async synced(): Promise<this> {
    await until('the peer to be synced', () => this.provider.synced);
    return this;
  }

  get main(): Y.Text {
    return this.doc.getText('file:main');
  }

  /** Presence of everybody else, by client id. */
  get others(): Map<number, Record<string, unknown>> {
    const states = new Map(this.provider.awareness.getStates());
    states.delete(this.doc.clientID);
    return states;
  }

  leave(): void {
    this.provider.destroy();
    this.doc.destroy();
  }
}
