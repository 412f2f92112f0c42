import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import * as Y from 'yjs';
import { Recording, Replica, START } from '../../src/replay/recorded';
import { bundleFiles, zipOf, type Packed } from '../../src/replay/recorded-zip';
import { startRun } from '../../src/sync/runs';

export const EARLY = "console.log('early');\n";
export const LATE = "console.log('late');\n";
export const PASTED = 'const a = 1;\nconst b = 2;\nconst c = 3;\n';

/**
 * An interview of two minutes whose every moment is known. Ada, the candidate, writes main.js from
 * second 5 on, runs it at 20 and 50, changes it at 40, and puts three lines in at 70. Bob writes
 * other.js at 60. Nobody does anything from 90 on.
 */
export function knownInterview(header: Record<string, unknown> = {}): Recording {
  const recording = new Recording({
    title: 'A known interview',
    status: 'ended',
    ended_at: new Date(START + 120_000).toISOString(),
    ...header,
  });
  const at = (seconds: number) => (recording.now = START + seconds * 1_000);
  const server = new Replica(recording, '', 1);
  server.doc.transact(() => {
    for (const id of ['main', 'other'])
      server.doc.getMap('files').set(
        id,
        new Y.Map([
          ['name', `${id}.js`],
          ['language', 'javascript'],
        ]),
      );
  });
  recording.trace('bob', 'join');
  recording.trace('ada', 'join');
  recording.trace('bob', 'start');
  const ada = new Replica(recording, 'ada', 2);
  const bob = new Replica(recording, 'bob', 3);
  at(5);
  for (const [index, letter] of [...EARLY].entries()) {
    recording.now += 200;
    ada.text.insert(index, letter);
  }
  run(ada, 'run-1', () => at(20));
  at(40);
  ada.doc.transact(() => {
    ada.text.delete(0, ada.text.length);
    ada.text.insert(0, LATE);
  });
  run(ada, 'run-2', () => at(50));
  at(60);
  bob.sync();
  bob.file('other').insert(0, '// Bob was here\n');
  at(70);
  ada.text.insert(ada.text.length, PASTED);
  at(90);
  recording.trace('bob', 'mark', { text: 'ask why' });
  at(120);
  recording.trace('bob', 'end');
  return recording;
}

function run(ada: Replica, id: string, wait: () => number): void {
  const started = wait();
  const entry = startRun(ada.doc, {
    id,
    by: 'ada',
    file: 'main',
    language: 'javascript',
    startedAt: started,
  });
  entry.append([{ text: `${id} was here\n`, stream: 'stdout' }]);
  entry.finish({ status: id === 'run-1' ? 'ok' : 'error', durationMs: 1, exitCode: 0 });
}

/** A folder for zips that goes when the tests of a file end. */
export function zipFolder(): (name: string, files: readonly Packed[]) => Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-zips-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  return async (name, files) => {
    const path = join(folder, name);
    writeFileSync(path, new Uint8Array(await zipOf(files).arrayBuffer()));
    return path;
  };
}

/** The files of a bundle of one recording. */
export const bundleOf = (recording: Recording): Packed[] =>
  bundleFiles({ 'timeline.jsonl': recording.bytes() });
