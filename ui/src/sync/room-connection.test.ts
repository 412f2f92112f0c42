import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Awareness } from 'y-protocols/awareness';
import { writeSyncStep1, writeSyncStep2, writeUpdate } from 'y-protocols/sync';
import * as Y from 'yjs';
import { changeKind } from './counting-socket';
import { FakeSocket } from './fake-socket';
import type { OutboxEntry, OutboxStore } from './outbox-store';
import { RoomConnection } from './room-connection';

const NOW = 1_000_000;

const shared = { doc: new Y.Doc() };

function message(type: number, write: (encoder: encoding.Encoder) => void): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, type);
  write(encoder);
  return encoding.toUint8Array(encoder);
}

const step1 = (server: Y.Doc) => message(0, (encoder) => writeSyncStep1(encoder, server));
const step2 = (server: Y.Doc) => message(0, (encoder) => writeSyncStep2(encoder, server));
/** By default the server has taken all that it was sent. */
const saved = (n: number, vector = Y.encodeStateVector(shared.doc)) =>
  message(100, (encoder) => {
    encoding.writeVarUint8Array(encoder, vector);
    encoding.writeVarUint(encoder, n);
  });

const denied = message(2, (encoder) => {
  encoding.writeVarUint(encoder, 0);
  encoding.writeVarString(encoder, 'read only');
});

/** A device with room for entries, in memory. */
function memoryStore(kept: Map<string, OutboxEntry>): OutboxStore {
  return {
    put: async (entry) => void kept.set(entry.key, entry),
    remove: async (key) => void kept.delete(key),
    keys: async (document) => [...kept.values()].filter((e) => e.document === document).map((e) => e.key),
    take: async (key, into) => {
      const old = kept.get(key);
      const next = old && into(old.update);
      kept.delete(key);
      if (next) kept.set(next.key, next);
    },
    clear: async (prefix) => {
      for (const key of [...kept.keys()]) if (key.startsWith(`${prefix}/`)) kept.delete(key);
    },
    close: () => undefined,
  };
}

describe('RoomConnection', () => {
  const kept = new Map<string, OutboxEntry>();
  let doc: Y.Doc;
  let server: Y.Doc;
  let awareness: Awareness;
  let connection: RoomConnection;
  const state = () => connection.getSnapshot();
  const changesSent = () => FakeSocket.last.sent.filter((frame) => changeKind(frame)).length;

  /** Opens the newest socket and goes through the handshake as the relay does. */
  function handshake(): FakeSocket {
    const socket = FakeSocket.last;
    socket.open();
    socket.receive(step1(server));
    socket.receive(step2(server));
    return socket;
  }

  beforeEach(() => {
    vi.useFakeTimers({ now: NOW });
    FakeSocket.all = [];
    kept.clear();
    doc = new Y.Doc();
    shared.doc = doc;
    server = new Y.Doc();
    awareness = new Awareness(doc);
    connection = new RoomConnection({
      url: 'ws://server/ws/sessions',
      room: '0a1b2c3d',
      token: 'secret',
      doc,
      awareness,
      outbox: { open: () => Promise.resolve(memoryStore(kept)), locks: undefined },
      Socket: FakeSocket as unknown as typeof WebSocket,
      random: () => 1,
    });
  });

  afterEach(() => {
    connection.dispose();
    awareness.destroy();
    vi.useRealTimers();
  });

  it('asks for acknowledgements, with its token, in the session’s room', () => {
    const url = new URL(FakeSocket.last.url);
    expect(url.pathname).toBe('/ws/sessions/0a1b2c3d');
    expect(Object.fromEntries(url.searchParams)).toEqual({ ack: '1', token: 'secret' });
  });

  it('is connecting until the document has arrived, then live', () => {
    expect(state()).toEqual({ status: 'connecting' });
    FakeSocket.last.open();
    expect(state()).toEqual({ status: 'connecting' });
    server.getText('file:main').insert(0, 'hello');
    handshake();
    expect(state()).toEqual({ status: 'live', saved: true });
    expect(doc.getText('file:main').toString()).toBe('hello');
  });

  it('says saved only when the server has stored every change', () => {
    const socket = handshake();
    doc.getText('file:main').insert(0, 'a');
    doc.getText('file:main').insert(1, 'b');
    expect(state()).toEqual({ status: 'live', saved: false });
    expect(changesSent()).toBe(3);
    socket.receive(saved(2));
    expect(state()).toEqual({ status: 'live', saved: false });
    socket.receive(saved(3));
    expect(state()).toEqual({ status: 'live', saved: true });
  });

  it('does not take a bare state vector for an acknowledgement', () => {
    const socket = handshake();
    doc.getText('file:main').insert(0, 'a');
    socket.receive(message(100, (encoder) => encoding.writeVarUint8Array(encoder, Y.encodeStateVector(doc))));
    expect(state()).toEqual({ status: 'live', saved: false });
  });

  it('does not call changes of others unsaved', () => {
    const socket = handshake();
    server.getText('file:main').insert(0, 'theirs');
    socket.receive(step2(server));
    expect(state()).toEqual({ status: 'live', saved: true });
  });

  it('says when it tries again, waits longer each time, and starts short again after a success', () => {
    handshake();
    const waits: number[] = [];
    const drop = () => {
      FakeSocket.last.closeFromServer(1006);
      const now = state();
      if (now.status !== 'offline') throw new Error(`state is ${now.status}`);
      waits.push(now.retryAt - Date.now());
      const before = FakeSocket.all.length;
      vi.advanceTimersByTime(now.retryAt - Date.now() - 1);
      expect(FakeSocket.all.length).toBe(before);
      vi.advanceTimersByTime(1);
      expect(FakeSocket.all.length).toBe(before + 1);
    };
    for (let i = 0; i < 7; i++) drop();
    expect(waits).toEqual([400, 800, 1600, 3200, 6400, 8000, 8000]);
    handshake();
    expect(state().status).toBe('live');
    waits.length = 0;
    drop();
    expect(waits).toEqual([400]);
  });

  it('keeps edits made offline unsaved until they are stored after the reconnect', () => {
    handshake();
    FakeSocket.last.closeFromServer(1006);
    doc.getText('file:main').insert(0, 'offline');
    expect(state()).toMatchObject({ status: 'offline', saved: false, loaded: true });
    connection.retryNow();
    const socket = handshake();
    expect(state()).toEqual({ status: 'live', saved: false });
    socket.receive(saved(changesSent()));
    expect(state()).toEqual({ status: 'live', saved: true });
  });

  it.each([4400, 4401, 4403, 4404, 4410, 4413])('ends for good with %i', (code) => {
    handshake();
    FakeSocket.last.closeFromServer(code);
    expect(state()).toEqual({ status: 'ended', code, lost: [] });
    vi.advanceTimersByTime(60_000);
    connection.retryNow();
    expect(FakeSocket.all.length).toBe(1);
  });

  it.each([1006, 1011, 1012, 4503, 4529])('tries again after %i', (code) => {
    handshake();
    FakeSocket.last.closeFromServer(code);
    expect(state().status).toBe('offline');
    vi.advanceTimersByTime(400);
    expect(FakeSocket.all.length).toBe(2);
  });

  it('knows whether the document was ever seen', () => {
    FakeSocket.last.closeFromServer(1006);
    expect(state()).toMatchObject({ status: 'offline', loaded: false });
  });

  it('bumps the awareness clock on each connection, so that others take its presence back', () => {
    awareness.setLocalState({ user: { id: 'me' } });
    const clock = () => awareness.meta.get(awareness.clientID)?.clock ?? -1;
    handshake();
    const first = clock();
    FakeSocket.last.closeFromServer(1012);
    connection.retryNow();
    handshake();
    expect(clock()).toBe(first + 1);
  });

  it('moves its presence along when yjs takes a new client id', () => {
    awareness.setLocalState({ user: { id: 'me' } });
    const socket = handshake();
    const oldId = doc.clientID;
    // Another replica writes under our id, as a copied tab can.
    const twin = new Y.Doc();
    twin.clientID = oldId;
    twin.getText('file:main').insert(0, 'twin');
    vi.spyOn(console, 'log').mockImplementation(() => undefined);
    socket.receive(step2(twin));
    expect(doc.clientID).not.toBe(oldId);
    expect(awareness.clientID).toBe(doc.clientID);
    expect(awareness.getStates().has(oldId)).toBe(false);
    expect(awareness.getLocalState()).toEqual({ user: { id: 'me' } });
  });

  it('gives up a connection that does not echo a probe', () => {
    handshake();
    vi.advanceTimersByTime(10);
    connection.probe();
    vi.advanceTimersByTime(3_000);
    expect(FakeSocket.all.length).toBe(2);
    expect(state().status).toBe('offline');
  });

  it('keeps a connection that answers a probe', () => {
    const socket = handshake();
    vi.advanceTimersByTime(10);
    connection.probe();
    vi.advanceTimersByTime(10);
    socket.receive(step2(server));
    vi.advanceTimersByTime(3_000);
    expect(FakeSocket.all.length).toBe(1);
    expect(state().status).toBe('live');
  });

  it('opens nothing any more after dispose', () => {
    handshake();
    connection.dispose();
    doc.getText('file:main').insert(0, 'x');
    vi.advanceTimersByTime(60_000);
    expect(FakeSocket.all.length).toBe(1);
  });

  it('keeps offline edits on the device, and sends what another tab left there', async () => {
    handshake();
    FakeSocket.last.closeFromServer(1006);
    doc.getText('file:main').insert(0, 'offline');
    await vi.advanceTimersByTimeAsync(10);
    expect(kept.size).toBe(1);
    const left = new Y.Doc();
    left.getText('file:main').insert(0, 'left behind, ');
    const update = Y.encodeStateAsUpdate(left);
    kept.set('x', { key: 'x', document: '0a1b2c3d/main', update, savedAt: 0 });
    connection.retryNow();
    const socket = handshake();
    await vi.advanceTimersByTimeAsync(10);
    for (const frame of socket.sent.filter((each) => changeKind(each))) {
      const decoder = decoding.createDecoder(frame);
      decoding.readVarUint(decoder);
      decoding.readVarUint(decoder);
      Y.applyUpdate(server, decoding.readVarUint8Array(decoder));
    }
    expect(server.getText('file:main').toString()).toContain('left behind');
    expect(server.getText('file:main').toString()).toContain('offline');
    expect(kept.size).toBe(1);
    socket.receive(saved(changesSent()));
    await vi.advanceTimersByTimeAsync(10);
    expect(state()).toEqual({ status: 'live', saved: true });
    expect(kept.size).toBe(0);
  });

  it('does not write to the device what the server stores at once', async () => {
    const socket = handshake();
    await vi.advanceTimersByTimeAsync(10);
    doc.getText('file:main').insert(0, 'a');
    socket.receive(saved(changesSent()));
    await vi.advanceTimersByTimeAsync(1000);
    expect(kept.size).toBe(0);
    doc.getText('file:main').insert(0, 'b');
    await vi.advanceTimersByTimeAsync(1000);
    expect(kept.size).toBe(1);
  });

  it('forgets the session on the device when it is over', async () => {
    handshake();
    doc.getText('file:main').insert(0, 'a');
    await vi.advanceTimersByTimeAsync(1000);
    expect(kept.size).toBe(1);
    FakeSocket.last.closeFromServer(4410);
    await vi.advanceTimersByTimeAsync(10);
    expect(kept.size).toBe(0);
  });

  it('gives up a document whose changes were refused, says what they were, and sends them to nobody', async () => {
    const socket = handshake();
    doc.getText('file:main').insert(0, 'too late');
    await vi.advanceTimersByTimeAsync(1000);
    expect(kept.size).toBe(1);
    socket.receive(denied);
    const lost = [{ file: 'main.js', text: 'too late' }];
    expect(state()).toEqual({ status: 'refused', lost, reason: 'read only' });
    doc.getText('file:main').insert(0, 'nobody sees this ');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(state()).toEqual({ status: 'refused', lost, reason: 'read only' });
    expect(kept.size).toBe(0);
    expect(FakeSocket.last).toBe(socket);
  });

  it('counts nothing as lost that the server has taken and not told to be stored', () => {
    const socket = handshake();
    doc.getText('file:main').insert(0, 'taken,');
    const server = new Y.Doc();
    Y.applyUpdate(server, Y.encodeStateAsUpdate(doc));
    doc.getText('file:main').insert(6, ' not taken');
    socket.receive(step1(server));
    socket.receive(denied);
    expect(state()).toEqual({
      status: 'refused',
      lost: [{ file: 'main.js', text: ' not taken' }],
      reason: 'read only',
    });
  });

  it('is not given up by a refusal of nothing', () => {
    handshake().receive(denied);
    expect(state()).toEqual({ status: 'live', saved: true });
  });

  it('says what is lost when the session is over before it was stored', async () => {
    const socket = handshake();
    doc.getText('file:main').insert(0, 'one more line');
    socket.closeFromServer(4410);
    expect(state()).toEqual({
      status: 'ended',
      code: 4410,
      lost: [{ file: 'main.js', text: 'one more line' }],
    });
  });

  it('gives back what makes the document too large, and the session goes on', () => {
    const socket = handshake();
    doc.getText('file:main').insert(0, 'one more line');
    socket.closeFromServer(4413);
    const lost = [{ file: 'main.js', text: 'one more line' }];
    expect(state()).toEqual({ status: 'refused', lost, reason: 'too large' });
  });

  it('is over when the document is too large without a change from here', () => {
    handshake().closeFromServer(4413);
    expect(state()).toEqual({ status: 'ended', code: 4413, lost: [] });
  });

  it('sends a long paste in messages that the server takes, and waits for the last', () => {
    const socket = handshake();
    const before = changesSent();
    doc.getText('file:main').insert(0, 'x'.repeat(1_200_000));
    const frames = socket.sent.filter((frame) => changeKind(frame)).slice(before);
    expect(frames.length).toBeGreaterThan(5);
    for (const frame of frames) expect(frame.length).toBeLessThan(256 * 1024);
    socket.receive(saved(changesSent() - 1));
    expect(state()).toMatchObject({ saved: false });
    socket.receive(saved(changesSent()));
    expect(state()).toMatchObject({ saved: true });
  });

  it('does not count as saved what the server left out of a message that it took', () => {
    const socket = handshake();
    doc.getText('file:main').insert(0, 'left out');
    socket.receive(saved(changesSent(), Y.encodeStateVector(server)));
    expect(state()).toMatchObject({ saved: false });
  });

  it('gives back what the server leaves out again and again', async () => {
    handshake();
    doc.getText('file:main').insert(0, 'for nobody');
    await vi.advanceTimersByTimeAsync(16_000);
    handshake();
    expect(state()).toMatchObject({ status: 'live', saved: false });
    await vi.advanceTimersByTimeAsync(7_000);
    handshake();
    const lost = [{ file: 'main.js', text: 'for nobody' }];
    expect(state()).toEqual({ status: 'refused', lost, reason: 'not taken' });
  });

  it('waits for a server that has all and cannot store it', async () => {
    handshake();
    doc.getText('file:main').insert(0, 'slow disk');
    for (let tries = 0; tries < 4; tries++) {
      Y.applyUpdate(server, Y.encodeStateAsUpdate(doc));
      await vi.advanceTimersByTimeAsync(61_000);
      handshake();
      expect(state()).toMatchObject({ status: 'live', saved: false });
    }
  });

  it('asks for what changes have been waiting for', async () => {
    const socket = handshake();
    const updates: Uint8Array[] = [];
    server.on('update', (update: Uint8Array) => updates.push(update));
    server.getText('file:main').insert(0, 'lost ');
    server.getText('file:main').insert(5, 'after');
    socket.receive(message(0, (encoder) => writeUpdate(encoder, updates[1] ?? new Uint8Array())));
    expect(doc.getText('file:main').toString()).toBe('');
    const asked = () => socket.sent.filter(([type, step]) => type === 0 && step === 0).length;
    const before = asked();
    await vi.advanceTimersByTimeAsync(2_500);
    expect(asked()).toBe(before);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(asked()).toBe(before + 1);
    socket.receive(step2(server));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(doc.getText('file:main').toString()).toBe('lost after');
    expect(asked()).toBe(before + 1);
  });
});
