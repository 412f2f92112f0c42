import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import * as Y from 'yjs';
import { Peer } from './support/peer';
import { Server } from './support/server';
import { until, untilEqual } from './support/until';

// The unmodified y-websocket client against a server that anyone may use: what a plain y-websocket
// set-up gets when it points its provider at Parley.
describe('the y-websocket client', () => {
  let server: Server;
  let rooms = 0;
  const here: Peer[] = [];

  beforeAll(async () => {
    server = await Server.start('--access', 'open');
  });
  afterEach(() => {
    for (const peer of here.splice(0)) peer.leave();
  });
  afterAll(() => server.dispose());

  const newRoom = () => `interop-${++rooms}`;

  function connect(room: string): Promise<Peer> {
    const peer = new Peer(server, room);
    here.push(peer);
    return peer.synced();
  }

  test('merges what two peers type at once', async () => {
    const room = newRoom();
    const [one, two] = await Promise.all([connect(room), connect(room)]);
    for (let i = 0; i < 50; i++) {
      one.main.insert(one.main.length, 'a');
      two.main.insert(0, 'b');
    }
    await until('all letters on both sides', () => one.main.length === 100 && two.main.length === 100);
    expect(one.main.toString()).toBe(two.main.toString());
    expect(Y.encodeStateAsUpdate(one.doc)).toEqual(Y.encodeStateAsUpdate(two.doc));
  });

  test('gives a late peer the document and the presence of those who are there', async () => {
    const room = newRoom();
    const early = await connect(room);
    early.main.insert(0, 'before you came');
    early.provider.awareness.setLocalStateField('user', { name: 'Early' });
    const late = await connect(room);
    await untilEqual('the text', 'before you came', () => late.main.toString());
    await until('the name', () => [...late.others.values()].some((s) => JSON.stringify(s).includes('Early')));
  });

  test('takes away the presence of a peer that is gone', async () => {
    const room = newRoom();
    const [stays, goes] = await Promise.all([connect(room), connect(room)]);
    goes.provider.awareness.setLocalStateField('user', { name: 'Short visit' });
    await until('the visitor', () => stays.others.has(goes.doc.clientID));
    // As a crash does it: no goodbye, the connection just ends.
    (goes.provider.ws as unknown as WebSocket).terminate();
    goes.provider.shouldConnect = false;
    await until('the visitor to be gone', () => !stays.others.has(goes.doc.clientID));
  });

  test('merges what was typed while the connection was down', async () => {
    const room = newRoom();
    const [one, two] = await Promise.all([connect(room), connect(room)]);
    one.main.insert(0, '-');
    await untilEqual('the start', '-', () => two.main.toString());
    one.provider.disconnect();
    one.main.insert(1, 'offline');
    two.main.insert(0, 'online');
    one.provider.connect();
    await untilEqual('both texts at one', 'online-offline', () => one.main.toString());
    await untilEqual('both texts at two', 'online-offline', () => two.main.toString());
  });

  test('carries formats, embeds, maps, arrays and XML', async () => {
    const room = newRoom();
    const [one, two] = await Promise.all([connect(room), connect(room)]);
    one.doc.transact(() => {
      one.main.insert(0, 'bold', { bold: true });
      one.main.insertEmbed(4, { image: 'x' }, { bold: true });
      one.doc.getMap('m').set('deep', new Y.Map([['list', Y.Array.from([1, null, 'three', { four: 4 }])]]));
      one.doc.getXmlFragment('x').insert(0, [new Y.XmlElement('p')]);
      one.doc.getArray('bytes').push([new Uint8Array([0, 255])]);
    });
    const states = () => [one, two].map((p) => Buffer.from(Y.encodeStateAsUpdate(p.doc)).toString('hex'));
    await until('the same bytes on both sides', () => two.main.length > 0 && states()[0] === states()[1]);
    expect(two.main.toDelta()).toEqual([
      { insert: 'bold', attributes: { bold: true } },
      { insert: { image: 'x' }, attributes: { bold: true } },
    ]);
    expect(two.doc.getMap('m').toJSON()).toEqual({ deep: { list: [1, null, 'three', { four: 4 }] } });
    expect(two.doc.getXmlFragment('x').toString()).toBe('<p></p>');
  });

  test('keeps everything over kill -9 and comes back by itself', async () => {
    const own = await Server.start('--access', 'open');
    const peer = await new Peer(own, 'survivor', { ack: '1' }).synced();
    try {
      peer.main.insert(0, 'stored');
      await until('the server to say that it is stored', () => peer.saved.at(-1)?.has(peer.doc.clientID));
      await own.kill();
      peer.main.insert(6, ', and typed while it was away');
      await own.up();
      const fresh = await new Peer(own, 'survivor').synced();
      here.push(fresh);
      await untilEqual('the text', 'stored, and typed while it was away', () => fresh.main.toString());
    } finally {
      peer.leave();
      await own.dispose();
    }
  });

  test('a frame of rubbish ends that connection alone', async () => {
    const room = newRoom();
    const good = await connect(room);
    const bad = new WebSocket(`${server.origin.replace('http', 'ws')}/ws/sessions/${room}`);
    const codes: number[] = [];
    bad.on('close', (code) => codes.push(code));
    await until('the socket to open', () => bad.readyState === WebSocket.OPEN);
    bad.send(new Uint8Array([0, 2, 5, 255, 255, 255, 255, 255]));
    await untilEqual('the close code', 4400, () => codes[0]);
    good.main.insert(0, 'still here');
    const witness = await connect(room);
    await untilEqual('the text', 'still here', () => witness.main.toString());
    expect(good.closed).toEqual([]);
  });
});
