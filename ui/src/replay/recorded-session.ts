// For tests and figures: a long session of three people, as the server would have recorded it.
import * as Y from 'yjs';
import { PEOPLE, randomOf, Recording, Replica } from './recorded';

const WORDS = 'def return if else for in while print value count total index range None'.split(' ');

interface Writer {
  replica: Replica;
  id: string;
  file: string;
  at: number;
}

/**
 * longSession types so many keys in two files: with mistakes, jumps, pauses, runs that write, and a
 * hundred marks.
 */
export function longSession(keys: number): Recording {
  const recording = new Recording({ title: 'A long session', status: 'ended' });
  const random = randomOf(keys);
  const writers = PEOPLE.map(({ id }, index): Writer => {
    recording.trace(id, 'join');
    return { id, replica: new Replica(recording, id, index + 1), file: index < 2 ? 'main' : 'other', at: 0 };
  });
  const [first] = writers;
  if (!first) throw new Error('nobody writes');
  let writer = first;
  addFiles(writer.replica.doc);
  let word = '';
  for (let key = 1; key <= keys; key += 1) {
    recording.now += key % 401 === 0 ? 9_000 : 150;
    if (random() < 0.003) writer = writers[Math.floor(random() * writers.length)] ?? writer;
    if (random() < 0.004) writer.file = random() < 0.8 ? 'main' : 'other';
    word = word.slice(1) || nextWord(random);
    press(writer, word.charAt(0), random);
    if (key % 25 === 0) recording.trace(writer.id, 'file', { file: writer.file, line: 1 + (key % 90) });
    if (key % Math.ceil(keys / 100) === 0) recording.trace('bob', 'mark', { text: 'look here' });
    if (key % 1_500 === 0) run(recording, writer);
  }
  return recording;
}

function nextWord(random: () => number): string {
  if (random() < 0.2) return '\n    ';
  return `${WORDS[Math.floor(random() * WORDS.length)] ?? ''}${random() < 0.3 ? '(x) ' : ' '}`;
}

function press(writer: Writer, letter: string, random: () => number): void {
  const text = writer.replica.file(writer.file);
  if (random() < 0.01) writer.at = Math.floor(random() * (text.length + 1));
  writer.at = Math.min(writer.at, text.length);
  if (writer.at > 0 && random() < 0.12) text.delete((writer.at -= 1), 1);
  else {
    text.insert(writer.at, letter);
    writer.at += 1;
  }
}

function addFiles(doc: Y.Doc): void {
  const files: [string, string][] = [
    ['main', 'main.py'],
    ['other', 'other.py'],
  ];
  doc.transact(() => {
    for (const [id, name] of files)
      doc.getMap('files').set(
        id,
        new Y.Map([
          ['name', name],
          ['language', 'python'],
        ]),
      );
  });
}

function run(recording: Recording, { replica: { doc }, id }: Writer): void {
  const output = new Y.Text();
  const entry = new Y.Map<unknown>();
  doc.transact(() => {
    const started = {
      id: `run-${recording.now}`,
      by: id,
      file: 'main',
      language: 'python',
      status: 'running',
    };
    for (const [key, value] of Object.entries({ ...started, startedAt: recording.now, output }))
      entry.set(key, value);
    doc.getArray('runs').push([entry]);
  });
  for (let line = 1; line <= 40; line += 1) {
    recording.now += 30;
    output.insert(output.length, `line ${line} of an output that one can see come\n`);
  }
  doc.transact(() => {
    entry.set('status', 'ok');
    entry.set('durationMs', 1_200);
  });
}
