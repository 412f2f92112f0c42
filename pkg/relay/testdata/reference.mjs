// Plays a story to the reference server (@y/websocket-server, pinned by cmd/parley-bench/peers):
// clients connect, type, publish presence and leave. The messages that each client gets are written
// to reference.json, which reference_test.go compares with the relay. Run by `make golden`.

import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const peers = fileURLToPath(new URL('../../../cmd/parley-bench/peers/', import.meta.url));
const require = createRequire(peers);
const Y = require('yjs');
const WebSocket = require('ws');
const awareness = require('y-protocols/awareness');

const hex = (b) => Buffer.from(b).toString('hex');
const bytes = (...b) => Uint8Array.from(b.flat());
const framed = (b) => [...(b.length < 128 ? [b.length] : [(b.length & 127) | 128, b.length >> 7]), ...b];

/** The messages of a page, by name. Its document and its presence have the same client id. */
function page(clientID, text, id) {
  const doc = new Y.Doc();
  doc.clientID = clientID;
  const updates = [];
  doc.on('update', (u) => updates.push(u));
  doc.getText('file:main').insert(0, text);
  doc.getText('file:main').delete(1, 1);
  const presence = new awareness.Awareness(new Y.Doc());
  clearInterval(presence._checkInterval);
  const show = (clock, state) => {
    presence.states.set(clientID, state);
    presence.meta.set(clientID, { clock, lastUpdated: 0 });
    return bytes(1, framed(awareness.encodeAwarenessUpdate(presence, [clientID])));
  };
  return {
    hello: bytes(0, 0, framed(Y.encodeStateVector(new Y.Doc()))),
    nothing: bytes(0, 1, framed([0, 0])),
    typed: bytes(0, 2, framed(updates[0])),
    deleted: bytes(0, 2, framed(updates[1])),
    state: bytes(0, 1, framed(Y.encodeStateAsUpdate(doc))),
    shown: show(1, { user: { id } }),
    moved: show(2, { user: { id }, file: 'main' }),
    hidden: show(3, null),
  };
}

const pages = { a: page(1001, 'hello', 'pa'), b: page(2002, 'you', 'pb'), c: page(3003, 'third', 'pc') };

/** [client, step]: a message of the client's page by name, 'connect', 'leave', or bytes. */
const steps = [
  ['a', 'connect'], ['a', 'hello'], ['a', 'nothing'], ['a', 'shown'], ['a', 'typed'],
  ['b', 'connect'], ['b', 'hello'], ['b', 'state'], ['b', 'shown'], ['a', 'moved'], ['a', 'deleted'], ['a', 'deleted'],
  ['b', [77, 1, 2, 3]], ['b', 'hello'], ['c', 'connect'], ['c', 'shown'], ['c', 'hello'], ['c', 'hidden'], ['c', 'leave'],
  ['b', 'leave'], ['c', 'connect'], ['c', 'hello'], ['a', 'leave'], ['c', 'shown'],
];

const freePort = () =>
  new Promise((resolve) => {
    const s = createServer().listen(0, '127.0.0.1', () => {
      const { port } = s.address();
      s.close(() => resolve(port));
    });
  });

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const port = await freePort();
const server = spawn(process.execPath, ['node_modules/@y/websocket-server/src/server.js'], {
  cwd: peers, env: { ...process.env, HOST: '127.0.0.1', PORT: String(port) }, stdio: ['ignore', 'pipe', 'inherit'],
});
try {
  await new Promise((resolve) => server.stdout.once('data', resolve));
  const open = {};
  const heard = [];
  const story = [];
  for (const [who, what] of steps) {
    let sent;
    if (what === 'connect') {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/room`);
      socket.on('message', (m) => heard.push([who, hex(m)]));
      await new Promise((resolve) => socket.once('open', resolve));
      open[who] = socket;
    } else if (what === 'leave') {
      open[who].close();
      delete open[who];
    } else {
      sent = typeof what === 'string' ? pages[who][what] : bytes(what);
      open[who].send(sent);
    }
    await pause(150); // by now every message that the step causes has arrived
    const got = {};
    for (const [to, message] of heard.splice(0)) (got[to] ??= []).push(message);
    story.push({ who, what: String(what), ...(sent && { sent: hex(sent) }), got });
  }
  for (const socket of Object.values(open)) socket.terminate();
  writeFileSync(new URL('reference.json', import.meta.url), `${JSON.stringify(story, null, 1)}\n`);
} finally {
  server.kill();
}
