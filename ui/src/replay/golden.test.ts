import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { startRun } from '../sync/runs';
import { openBundle } from './open';
import { Recording, Replica, START } from './recorded';
import { bundleFiles, zipOf } from './recorded-zip';

/**
 * A bundle of format 1. It is never written again: bundles like it lie on people's disks, and have
 * to open for ever. (PARLEY_GOLDEN=1 wrote it.)
 */
const GOLDEN = join(import.meta.dirname, 'testdata/bundle-1.zip');

/** An interview by two people, with a run, a paste and an offline stretch. */
function interview(): Recording {
  const recording = new Recording({
    title: 'Golden',
    status: 'ended',
    ended_at: new Date(START + 300_000).toISOString(),
  });
  const server = new Replica(recording, '', 1);
  server.doc.getMap('files').set(
    'main',
    new Y.Map<unknown>([
      ['name', 'main.py'],
      ['language', 'python'],
      ['order', 0],
    ]),
  );
  server.text.insert(0, 'def solve(n):\n    pass\n');
  server.doc.getText('prompt').insert(0, '# Sum\nAdd the numbers.');
  recording.trace('bob', 'join');
  recording.now += 1500;
  recording.trace('ada', 'join');
  recording.trace('bob', 'start');
  const ada = new Replica(recording, 'ada', 2);
  for (const [at, letter] of [...'# hello 🙂\n'].entries()) {
    recording.now += 120;
    ada.text.insert(at > 8 ? at + 1 : at, letter);
  }
  recording.now = START + 60_000;
  ada.text.insert(ada.text.length, '\nfor i in range(10):\n    total += i\n    print(total)\n');
  const run = startRun(ada.doc, {
    id: 'run-1',
    by: 'ada',
    file: 'main',
    language: 'python',
    startedAt: START,
  });
  recording.now += 800;
  run.append([{ text: 'NameError: total\n', stream: 'stderr' }]);
  run.finish({ status: 'error', durationMs: 790, exitCode: 1 });
  recording.now = START + 120_000;
  recording.trace('ada', 'leave');
  ada.online = false;
  for (const letter of 'total = 0  # while away\n') ada.text.insert(ada.text.length, letter);
  recording.now = START + 180_000;
  recording.trace('ada', 'join');
  ada.online = true;
  ada.sync();
  recording.now = START + 300_000;
  recording.trace('bob', 'end');
  return recording;
}

if (process.env.PARLEY_GOLDEN) {
  const mark = { t: START + 90_000, by: 'bob', k: 'trace', what: 'mark', text: 'ask why' };
  const files = {
    'timeline.jsonl': interview().bytes(),
    'private/timeline.jsonl': `${JSON.stringify(mark)}\n`,
  };
  writeFileSync(GOLDEN, Buffer.from(await zipOf(bundleFiles(files)).arrayBuffer()));
}

describe('the golden bundle of format 1', () => {
  it('still opens and shows what it showed', async () => {
    const player = await openBundle(new Blob([readFileSync(GOLDEN)]));
    const { replay } = player;
    expect(replay.header).toMatchObject({ title: 'Golden', status: 'ended', record: 'all', private: true });
    expect([replay.duration, replay.from, replay.steps]).toEqual([300_000, 0, 14]);
    const begin = player.seek(1000);
    expect(begin.text('main')).toBe('def solve(n):\n    pass\n');
    expect(begin.prompt).toBe('# Sum\nAdd the numbers.');
    expect(begin.files).toEqual([{ id: 'main', name: 'main.py', language: 'python' }]);
    expect(player.seek(1500 + 5 * 120).text('main')).toBe('# heldef solve(n):\n    pass\n');
    expect(player.seek(61_000).runs).toMatchObject([
      { id: 'run-1', status: 'error', output: 'NameError: total\n' },
    ]);
    const end = player.seek(300_000);
    expect(end.text('main')).toBe(
      '# hello 🙂\ndef solve(n):\n    pass\n\nfor i in range(10):\n    total += i\n    print(total)\ntotal = 0  # while away\n',
    );
    expect(replay.marks.map(({ at, kind }) => [at, kind])).toEqual([
      [0, 'join'],
      [1500, 'join'],
      [1500, 'start'],
      [60_000, 'insertion'],
      [60_800, 'run'],
      [90_000, 'mark'],
      [120_000, 'offline'],
      [120_000, 'leave'],
      [180_000, 'join'],
      [300_000, 'end'],
    ]);
    for (let step = replay.steps; step > 0; step -= 1) player.step(-1);
    expect(player.now().step).toBe(0);
  });
});

/** As a server's export wrote it, of an interview by two browsers. Never written again either. */
const SERVED = join(import.meta.dirname, 'testdata/bundle-1-server.zip');

describe('the bundle of a server', () => {
  it('still opens and shows what was typed, run and marked', async () => {
    const player = await openBundle(new Blob([readFileSync(SERVED)]));
    const { header, marks, duration, from, lanes } = player.replay;
    expect(header).toMatchObject({ title: 'From the server', status: 'ended', record: 'all', private: true });
    const nameOf = (id: string) => header.people.find((person) => person.id === id)?.name;
    expect(from).toBe(0);
    expect(lanes.map(({ person }) => nameOf(person))).toContain('Bob');
    const code = 'const a = 1;\nconst b = 2;\nconsole.log(a + b);';
    const end = player.seek(duration);
    const [file] = end.files;
    expect(file).toMatchObject({ name: 'main.js', language: 'javascript' });
    expect(end.text(file?.id ?? '')).toBe(code);
    expect(end.runs.map(({ by, status, output }) => [nameOf(by), status, output.trim()])).toEqual([
      ['Bob', 'ok', '3'],
    ]);
    expect(marks.filter(({ kind }) => kind === 'mark')).toMatchObject([{ text: 'ask why' }]);
    expect(marks.filter(({ kind }) => kind === 'run')).toHaveLength(1);
    player.step(-1);
    expect(player.now().text(file?.id ?? '')).toBe(code.slice(0, -1));
  });
});
