// Figures of the replay: `make bench-replay`. PARLEY_TRACES names a folder with recorded traces.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { bench, describe } from 'vitest';
import * as Y from 'yjs';
import { Compiler } from './compile';
import { TapePlayer } from './player';
import { base64, randomOf, START } from './recorded';
import { longSession } from './recorded-session';

const HEADER = JSON.stringify({ v: 1, session: 'abcd1234', record: 'all', participants: [] });
const PEOPLE = ['ada', 'bob', 'cyd'];

function timeline(updates: readonly Uint8Array[]): Uint8Array {
  const lines = updates.map((update, index) => {
    const by = PEOPLE[index % PEOPLE.length];
    return JSON.stringify({ t: START + index * 150, by, doc: '', k: 'update', u: base64(update) });
  });
  return new TextEncoder().encode(`${[HEADER, ...lines].join('\n')}\n`);
}

/** Typing with mistakes, now and then somewhere else. */
function typed(count: number): Uint8Array[] {
  const random = randomOf(count);
  const doc = new Y.Doc();
  const text = doc.getText('file:main');
  const updates: Uint8Array[] = [];
  doc.on('update', (update: Uint8Array) => updates.push(update));
  let at = 0;
  while (updates.length < count) {
    if (random() < 0.02) at = Math.floor(random() * (text.length + 1));
    if (at > 0 && random() < 0.15) {
      at -= 1;
      text.delete(at, 1);
    } else {
      text.insert(at, random() < 0.03 ? '\n' : 'e');
      at += 1;
    }
  }
  return updates;
}

/** A recorded trace, with its text as the first file of a session. */
function recorded(path: string): Uint8Array[] {
  const bytes = gunzipSync(readFileSync(path));
  const updates: Uint8Array[] = [];
  const [from, to] = [Buffer.from('\x01\x04text'), Buffer.from('\x01\x09file:main')];
  for (let at = 0; at < bytes.length;) {
    const size = bytes.readUInt32LE(at);
    const update = bytes.subarray(at + 4, at + 4 + size);
    const name = update.indexOf(from);
    const rest = update.subarray(name + from.length);
    updates.push(name < 0 ? update : Buffer.concat([update.subarray(0, name), to, rest]));
    at += 4 + size;
  }
  return updates;
}

function open(lines: Uint8Array): TapePlayer {
  const compiler = new Compiler();
  for (let at = 0; at < lines.length; at += 1 << 16) compiler.push(lines.subarray(at, at + (1 << 16)));
  compiler.endOfLines();
  return new TapePlayer(compiler.finish());
}

/** What the replay moves on in one sixtieth of a second at 16 times the speed. */
const FRAME_MS = (16 * 1_000) / 60;

const traces = process.env.PARLEY_TRACES ?? '';
const sets: [string, () => Uint8Array][] = [
  ['6,000 edits', () => timeline(typed(6_000))],
  ['20,000 edits of three people with runs', () => longSession(20_000).bytes()],
  ['50,000 edits', () => timeline(typed(50_000))],
];
for (const name of ['rustcode', 'friendsforever', 'b4']) {
  const path = join(traces, `${name}.updates.gz`);
  if (traces && existsSync(path)) sets.push([`trace ${name}`, () => timeline(recorded(path))]);
}

describe.each(sets)('%s', (_, make) => {
  const lines = make();
  const player = open(lines);
  const random = randomOf(1);
  bench('open', () => void open(lines), { iterations: 5, time: 0, warmupIterations: 1, warmupTime: 0 });
  bench('seek anywhere and read the text', () => {
    player.seek(random() * player.replay.duration).text('main');
  });
  bench('one step back or forth, and read the text', () => {
    player.step(random() < 0.5 ? -1 : 1).text('main');
  });
  let before = player.now();
  bench('a frame at 16 times the speed, with its splices', () => {
    const next = before.at + FRAME_MS;
    const now = player.seek(next < player.replay.duration ? next : 0);
    now.splices('main', before.position);
    before = now;
  });
});
