// For tests: records a session of real Yjs documents as the server does.
import * as Y from 'yjs';
import { openTimeline } from './open';
import type { Player } from './replay';

export const START = Date.UTC(2026, 0, 5, 9);

/** mulberry32: the same numbers for the same seed, from 0 to 1. */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

export const PEOPLE = [
  { id: 'ada', name: 'Ada', role: 'candidate', color: '#e03131' },
  { id: 'bob', name: 'Bob', role: 'interviewer', color: '#1971c2' },
  { id: 'cyd', name: 'Cyd', role: 'observer', color: '#2f9e44' },
];

/** Recording is a server's log and the document that it makes. */
export class Recording {
  readonly lines: string[] = [];
  /** As the server has it. */
  readonly doc = new Y.Doc();
  now = START;

  constructor(header: Record<string, unknown> = {}) {
    const times = { started_at: new Date(START).toISOString(), ended_at: '' };
    const fixed = { v: 1, session: 'abcd1234', title: 'A session', status: 'active', record: 'all' };
    this.lines.push(JSON.stringify({ ...fixed, ...times, participants: PEOPLE, ...header }));
  }

  update(by: string, update: Uint8Array, extra: Record<string, unknown> = {}): void {
    const entry = { t: this.now, by, doc: '', k: 'update', u: base64(update), ...extra };
    if (entry.doc === '') Y.applyUpdate(this.doc, update);
    this.lines.push(JSON.stringify(entry));
  }

  trace(by: string, what: string, fields: Record<string, unknown> = {}): void {
    this.lines.push(JSON.stringify({ t: this.now, by, k: 'trace', what, ...fields }));
  }

  bytes(): Uint8Array {
    return new TextEncoder().encode(`${this.lines.join('\n')}\n`);
  }

  open(): Promise<Player> {
    return openTimeline(streamOf(this.bytes()));
  }
}

/** Replica is one person's document; what they do goes to the recording while they are online. */
export class Replica {
  readonly doc = new Y.Doc();
  online = true;
  readonly #recording: Recording;
  readonly #by: string;

  constructor(recording: Recording, by: string, clientId?: number) {
    this.#recording = recording;
    this.#by = by;
    if (clientId !== undefined) this.doc.clientID = clientId;
    this.sync();
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (this.online && origin !== 'server') this.#recording.update(this.#by, update);
    });
  }

  get text(): Y.Text {
    return this.file('main');
  }

  file(id: string): Y.Text {
    return this.doc.getText(`file:${id}`);
  }

  /** Gets what others did, and sends what was done offline as one update. */
  sync(): void {
    const { doc } = this.#recording;
    const mine = Y.encodeStateAsUpdate(this.doc, Y.encodeStateVector(doc));
    Y.applyUpdate(this.doc, Y.encodeStateAsUpdate(doc, Y.encodeStateVector(this.doc)), 'server');
    if (mine.length > 2) this.#recording.update(this.#by, mine);
  }
}

/** As a network gives it: in parts that end anywhere. */
export function streamOf(bytes: Uint8Array, size = 1000): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) controller.close();
      else controller.enqueue(bytes.slice(at, at + size));
      at += size;
    },
  });
}
