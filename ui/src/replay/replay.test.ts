import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { startRun } from '../sync/runs';
import { ChunkedText } from './chunked-text';
import { randomOf, Recording, Replica, START } from './recorded';
import type { Moment } from './replay';

/** Everything in a moment that a person sees of documents. */
function shown(moment: Moment) {
  return {
    texts: moment.files.map(({ id, name }) => [id, name, moment.text(id)]),
    prompt: moment.prompt,
    runs: moment.runs.map(({ id, status, output }) => [id, status, output]),
  };
}

interface Taken {
  at: number;
  main: string;
  other: string;
  prompt: string;
  output: string;
}

function picture(recording: Recording): Taken {
  const { doc } = recording;
  const run = doc.getArray<Y.Map<unknown>>('runs').toArray().at(-1)?.get('output');
  const file = (id: string) => doc.getText(`file:${id}`).toString();
  const prompt = doc.getText('prompt').toString();
  const output = run instanceof Y.Text ? run.toString() : '';
  return { at: recording.now - START, main: file('main'), other: file('other'), prompt, output };
}

const WORDS = ['x', 'let ', 'a = 1;\n', '🙂', 'é', '    return 1;\n}\n', '\n', 'def f(n):\n    pass\n'];

function write(replica: Replica, id: string, random: () => number): void {
  const text = replica.file(id);
  const at = Math.floor(random() * (text.length + 1));
  if (random() < 0.35 && text.length > 0)
    text.delete(at, Math.min(text.length - at, Math.ceil(random() * 6)));
  else text.insert(at, WORDS[Math.floor(random() * WORDS.length)] ?? '');
}

/** A session of three people who type, undo, run, go offline and come back. */
function randomSession(seed: number) {
  const random = randomOf(seed);
  const recording = new Recording();
  recording.trace('ada', 'join');
  const replicas = ['ada', 'bob', 'cyd'].map((id, index) => new Replica(recording, id, 10 + index));
  const undo = replicas.map(({ text }) => new Y.UndoManager(text, { captureTimeout: 0 }));
  const run: ReturnType<typeof startRun>[] = [];
  const taken: Taken[] = [];
  for (let turn = 0; turn < 300; turn += 1) {
    recording.now += Math.floor(random() * 2500);
    const who = Math.floor(random() * 3);
    const replica = replicas[who];
    if (!replica) continue;
    const dice = random();
    if (replica.online && random() < 0.8) replica.sync();
    if (dice < 0.6) write(replica, random() < 0.8 ? 'main' : 'other', random);
    else if (dice < 0.7) undo[who]?.undo();
    else if (dice < 0.75) replica.doc.transact(() => [0, 1, 2].forEach(() => write(replica, 'main', random)));
    else if (dice < 0.8) replica.doc.getText('prompt').insert(0, 'Problem ');
    else if (dice < 0.84) {
      const entry = new Y.Map(Object.entries({ name: `f${turn}.js`, language: 'javascript', order: turn }));
      replica.doc.getMap('files').set(random() < 0.5 ? 'main' : 'other', entry);
    } else if (dice < 0.88)
      run[who] = startRun(replica.doc, {
        id: `r${turn}`,
        by: 'x',
        file: 'main',
        language: 'c',
        startedAt: 1,
      });
    else if (dice < 0.93) run[who]?.append([{ text: `out ${turn}\n`, stream: 'stderr' }]);
    else if (dice < 0.95) run[who]?.finish({ status: 'ok', durationMs: 3 });
    else if (dice < 0.98) replica.online = !replica.online;
    if (replica.online && dice >= 0.95) replica.sync();
    taken.push(picture(recording));
  }
  return { recording, taken, random };
}

describe('a replay of random sessions', () => {
  it.each(Array.from({ length: 25 }, (_, index) => index + 1))(
    'shows what stood there, seed %i',
    async (seed) => {
      const { recording, taken, random } = randomSession(seed);
      const player = await recording.open();
      expect(player.replay.marks.filter(({ kind }) => kind === 'gap')).toEqual([]);
      const last = new Map(taken.map((one) => [one.at, one]));
      for (let turn = 0; turn < 120; turn += 1) {
        const want = taken[Math.floor(random() * taken.length)];
        if (!want) continue;
        // What was recorded within one millisecond is one moment.
        const { main, other, prompt, output } = last.get(want.at) ?? want;
        const moment = player.seek(want.at);
        expect(moment.text('main')).toBe(main);
        expect(moment.text('other')).toBe(other);
        expect(moment.prompt).toBe(prompt);
        expect(moment.runs.at(-1)?.output ?? '').toBe(output);
      }
    },
  );

  it('steps back to where it stepped from', async () => {
    const player = await randomSession(77).recording.open();
    player.seek(player.replay.duration);
    const forth: unknown[] = [];
    player.step(-player.replay.steps);
    expect(player.now().step).toBe(0);
    for (let step = 0; step < player.replay.steps; step += 1) {
      forth.push(shown(player.now()));
      player.step(1);
      expect(player.now().step).toBe(step + 1);
      expect(player.now().at).toBe(player.timeOf(step + 1));
    }
    for (const before of forth.reverse()) {
      player.step(-1);
      expect(shown(player.now())).toEqual(before);
    }
  });

  it('keeps a moment as it was when the player goes on, and shares what did not change', async () => {
    const player = await randomSession(5).recording.open();
    const middle = player.seek(player.replay.duration / 2);
    const was = shown(middle);
    const end = player.seek(player.replay.duration);
    player.seek(0);
    expect(shown(middle)).toEqual(was);
    expect(shown(player.seek(player.replay.duration))).toEqual(shown(end));
    const [first, second] = [player.step(0), player.step(0)];
    expect(second.files).toBe(first.files);
    expect(second.runs).toBe(first.runs);
    expect(second.people).toBe(first.people);
  });
});

describe('changedSince', () => {
  it('names what is new in the text of now', async () => {
    const recording = new Recording();
    const ada = new Replica(recording, 'ada');
    ada.text.insert(0, 'one two three');
    recording.now += 1000;
    ada.text.insert(4, 'NEW ');
    recording.now += 1000;
    ada.text.delete(0, 1);
    ada.text.insert(ada.text.length, '!');
    const player = await recording.open();
    const moment = player.seek(5000);
    expect(moment.text('main')).toBe('ne NEW two three!');
    expect(player.changedSince(0)).toEqual([
      { file: 'main', from: 3, to: 7 },
      { file: 'main', from: 16, to: 17 },
    ]);
    expect(player.changedSince(1500)).toEqual([{ file: 'main', from: 16, to: 17 }]);
    expect(player.changedSince(9000)).toEqual([]);
  });
});

describe('ChunkedText', () => {
  it('is the string that the same edits make', () => {
    const random = randomOf(3);
    const text = new ChunkedText();
    let plain = '';
    for (let turn = 0; turn < 3000; turn += 1) {
      const index = Math.floor(random() * (plain.length + 1));
      const removed = random() < 0.4 ? Math.min(plain.length - index, Math.floor(random() ** 4 * 9000)) : 0;
      const put = random() < 0.6 ? 'abcdefghij'.repeat(Math.floor(random() ** 6 * 900)) + String(turn) : '';
      expect(text.splice(index, removed, put)).toBe(plain.slice(index, index + removed));
      plain = plain.slice(0, index) + put + plain.slice(index + removed);
      expect(text.length).toBe(plain.length);
      const from = Math.floor(random() * plain.length);
      expect(text.slice(from, from + 50)).toBe(plain.slice(from, from + 50));
      if (turn % 10 === 0) expect(text.toString()).toBe(plain);
    }
  });
});
