import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { startRun } from '../sync/runs';
import { insertionSize } from './insertions';
import { Recording, Replica, START } from './recorded';
import type { Mark, Player } from './replay';

const CODE = 'function add(a, b) {\n  return a + b;\n}\n\nconsole.log(add(1, 2));\n';

function kinds<K extends Mark['kind']>(player: Player, kind: K): Extract<Mark, { kind: K }>[] {
  return player.replay.marks.filter((mark): mark is Extract<Mark, { kind: K }> => mark.kind === kind);
}

/** A session in which Ada makes one large insertion, after `before` has happened. */
async function insertion(
  before: (replicas: { ada: Replica; bob: Replica; recording: Recording }) => void,
  act: (ada: Replica) => void = (ada) => ada.text.insert(ada.text.length, CODE),
) {
  const recording = new Recording();
  const ada = new Replica(recording, 'ada');
  const bob = new Replica(recording, 'bob');
  recording.now += 1000;
  before({ ada, bob, recording });
  ada.sync();
  recording.now = START + 60_000;
  act(ada);
  const player = await recording.open();
  return kinds(player, 'insertion').filter(({ at }) => at === player.replay.duration);
}

describe('a large insertion', () => {
  it('says how much and that nobody saw it before', async () => {
    const marks = await insertion(({ ada }) => ada.text.insert(0, '// mine\n'));
    expect(marks).toEqual([
      {
        at: 59_000,
        by: 'ada',
        kind: 'insertion',
        file: 'main',
        lines: 5,
        characters: CODE.trim().length,
        from: 'new',
        step: 2,
      },
    ]);
  });

  it('names where it came from', async () => {
    const from = async (...story: Parameters<typeof insertion>) =>
      (await insertion(...story)).map((mark) => mark.from);
    // Cut here and put there, by hand or by somebody else.
    expect(await from(({ ada }) => ada.file('other').insert(0, `// x\n${CODE}`))).toEqual(['moved']);
    expect(
      await from(({ bob }) => {
        bob.file('other').insert(0, CODE);
        bob.file('other').delete(0, CODE.length);
      }),
    ).toEqual(['moved']);
    expect(await from(({ bob }) => bob.doc.getText('prompt').insert(0, CODE))).toEqual(['moved']);
    // Taken away key by key, and brought back at once.
    expect(
      await from(({ ada }) => {
        ada.text.insert(0, `// head\n${CODE}`);
        for (let at = ada.text.length; at > 8; at -= 1) ada.text.delete(at - 1, 1);
      }),
    ).toEqual(['undo']);
    expect(
      await from(({ recording, ada }) => {
        const server = new Replica(recording, '');
        server.text.insert(0, CODE);
        server.text.delete(0, CODE.length);
        ada.sync();
      }),
    ).toEqual(['starter']);
    const tidy = CODE.replaceAll('"', "'").replaceAll('  ', '\t');
    expect(
      await from(
        ({ ada }) => ada.text.insert(0, CODE.replace(/\n/g, ' ').replaceAll(';', '')),
        (ada) =>
          ada.doc.transact(() => {
            ada.text.delete(0, ada.text.length);
            ada.text.insert(0, tidy);
          }),
      ),
    ).toEqual(['formatter']);
  });

  it('may have come from the assistant', async () => {
    const marks = await insertion(({ recording }) => {
      const doc = new Y.Doc();
      for (const part of ['Try this:\n', CODE.slice(0, 30), CODE.slice(30)]) {
        const seen = Y.encodeStateVector(doc);
        const text = doc.getText('answer');
        text.insert(text.length, part);
        recording.update('', Y.encodeStateAsUpdate(doc, seen), { doc: 'assistant' });
      }
    });
    expect(marks.map((mark) => mark.from)).toEqual(['assistant']);
  });

  it('is not what an editor types of itself, nor what was typed and sent together', async () => {
    expect(insertionSize('\n            \n')).toBeNull();
    expect(insertionSize('\n    });\n  }\n]')).toBeNull();
    expect(insertionSize('    return x;\n')).toBeNull();
    expect(insertionSize('x'.repeat(39))).toBeNull();
    expect(insertionSize('x'.repeat(40))).toEqual({ lines: 1, characters: 40 });
    expect(insertionSize('a = 1\nb = 2')).toEqual({ lines: 2, characters: 11 });
    const recording = new Recording();
    const typed: Uint8Array[] = [];
    const doc = new Y.Doc();
    doc.on('update', (update: Uint8Array) => typed.push(update));
    for (const [at, letter] of [...CODE].entries()) doc.getText('file:main').insert(at, letter);
    recording.update('ada', Y.mergeUpdates(typed));
    const player = await recording.open();
    expect(player.seek(0).text('main')).toBe(CODE);
    expect(player.replay.marks).toEqual([]);
  });
});

describe('what was typed offline', () => {
  it('is told by the trace, and is no insertion', async () => {
    const recording = new Recording();
    recording.trace('ada', 'join');
    const ada = new Replica(recording, 'ada');
    ada.text.insert(0, '// start\n');
    recording.now += 20_000;
    recording.trace('ada', 'leave');
    ada.online = false;
    for (const letter of CODE) ada.text.insert(ada.text.length, letter);
    recording.now += 90_000;
    recording.trace('ada', 'join');
    recording.now += 300;
    ada.online = true;
    ada.sync();
    recording.now += 60_000;
    ada.text.insert(0, CODE);
    const player = await recording.open();
    expect(kinds(player, 'offline')).toEqual([{ at: 20_000, by: 'ada', kind: 'offline', until: 110_300 }]);
    expect(kinds(player, 'insertion').map(({ at, from }) => [at, from])).toEqual([[170_300, 'moved']]);
  });

  it('is told by a pause and many pieces where there is no trace', async () => {
    const recording = new Recording({ record: 'edits' });
    const ada = new Replica(recording, 'ada');
    ada.text.insert(0, 'one two three four five six seven eight nine');
    recording.now += 40_000;
    ada.online = false;
    for (let at = 0; at < 12; at += 1) {
      ada.text.insert(at * 5, 'xyz');
      ada.text.delete(at * 2, 1);
    }
    ada.online = true;
    ada.sync();
    const player = await recording.open();
    expect(kinds(player, 'offline')).toEqual([{ at: 0, by: 'ada', kind: 'offline', until: 40_000 }]);
  });
});

describe('the trace', () => {
  it('says who was where', async () => {
    const recording = new Recording();
    const after = (ms: number, by: string, what: string, fields = {}) => {
      recording.now = START + ms;
      recording.trace(by, what, fields);
    };
    after(0, 'bob', 'join');
    after(1000, 'ada', 'join');
    after(2000, 'ada', 'file', { file: 'main', line: 12 });
    recording.now = START + 3000;
    new Replica(recording, 'ada').text.insert(0, 'abc');
    after(10_000, 'ada', 'away', { since: START + 5000 });
    after(20_000, 'ada', 'back');
    after(21_000, 'bob', 'something new', { x: 1 });
    after(22_000, 'bob', 'quiet', { until: START + 300_000 });
    after(30_000, 'bob', 'quiet', { until: 0 });
    after(31_000, 'bob', 'role', { about: 'cyd', role: 'candidate' });
    after(40_000, 'ada', 'leave');
    const player = await recording.open();
    const ada = (at: number) => player.seek(at).people.find(({ id }) => id === 'ada');
    expect(ada(500)).toMatchObject({ here: false });
    expect(ada(3500)).toEqual({
      id: 'ada',
      here: true,
      state: 'active',
      file: 'main',
      line: 12,
      caret: { file: 'main', index: 3 },
    });
    expect(ada(12_000)).toMatchObject({ state: 'away' });
    expect(ada(25_000)).toMatchObject({ state: 'active' });
    expect(ada(40_000)).toMatchObject({ here: false });
    expect(player.seek(25_000).quietUntil).toBe(300_000);
    expect(player.seek(30_000).quietUntil).toBe(0);
    expect(kinds(player, 'away')).toEqual([{ at: 5000, by: 'ada', kind: 'away', until: 20_000 }]);
    expect(kinds(player, 'quiet')).toEqual([{ at: 22_000, by: 'bob', kind: 'quiet', until: 30_000 }]);
    expect(kinds(player, 'role')).toEqual([
      { at: 31_000, by: 'bob', kind: 'role', about: 'cyd', role: 'candidate' },
    ]);
    expect(kinds(player, 'join').map(({ by }) => by)).toEqual(['bob', 'ada']);
    expect(player.replay.lanes.map(({ person }) => person)).toEqual(['bob', 'ada']);
    expect(player.replay.lanes.map(({ counts }) => counts.reduce((sum, n) => sum + n, 0))).toEqual([0, 1]);
    expect(player.replay.idle).toContainEqual({ from: 3000, to: 20_000 });
  });
});

describe('runs', () => {
  it('are there with their output, and marked when they end', async () => {
    const recording = new Recording();
    const ada = new Replica(recording, 'ada');
    const run = startRun(ada.doc, { id: 'r1', by: 'ada', file: 'main', language: 'c', startedAt: 1 });
    recording.now += 1000;
    run.append([
      { text: 'hello ', stream: 'stdout' },
      { text: 'oh\n', stream: 'stderr' },
    ]);
    recording.now += 1000;
    run.finish({ status: 'error', durationMs: 1999, exitCode: 1 });
    const player = await recording.open();
    const [first] = player.seek(1500).runs;
    expect(first).toEqual({
      id: 'r1',
      by: 'ada',
      file: 'main',
      language: 'c',
      startedAt: 0,
      durationMs: 0,
      status: 'running',
      output: 'hello oh\n',
    });
    expect(player.seek(2000).runs[0]).toMatchObject({ status: 'error', durationMs: 1999 });
    expect(player.replay.marks).toEqual([
      { at: 2000, by: 'ada', kind: 'run', run: 'r1', status: 'error', file: 'main' },
    ]);
    expect(player.replay.steps).toBe(0);
  });
});

describe('a history of which the oldest part was folded', () => {
  it('begins with its base', async () => {
    const recording = new Recording();
    recording.trace('ada', 'join');
    recording.now += 10_000;
    const ada = new Replica(new Recording(), 'ada');
    ada.text.insert(0, 'folded ');
    recording.update('', Y.encodeStateAsUpdate(ada.doc), { k: 'base' });
    recording.now += 1000;
    const bob = new Replica(recording, 'bob');
    bob.text.insert(7, 'typed');
    const player = await recording.open();
    expect(player.replay.from).toBe(10_000);
    expect(player.replay.steps).toBe(1);
    expect(player.seek(10_000).text('main')).toBe('folded ');
    expect(player.seek(11_000).text('main')).toBe('folded typed');
    expect(player.step(-1).text('main')).toBe('folded ');
    expect(player.replay.marks.map(({ kind }) => kind)).toEqual(['join']);
  });
});

describe('authors', () => {
  it('of merged entries are told by what else they wrote', async () => {
    const recording = new Recording();
    const ada = new Replica(recording, 'ada', 1);
    const bob = new Replica(recording, 'bob', 2);
    const [before, updates]: [Uint8Array, Uint8Array[]] = [Y.encodeStateVector(ada.doc), []];
    ada.online = bob.online = false;
    ada.text.insert(0, 'by ada ');
    bob.file('other').insert(0, 'by bob');
    updates.push(Y.encodeStateAsUpdate(ada.doc, before), Y.encodeStateAsUpdate(bob.doc, before));
    recording.update('', Y.mergeUpdates(updates));
    recording.now += 1000;
    ada.online = bob.online = true;
    ada.text.insert(0, '!');
    bob.file('other').insert(0, '!');
    const player = await recording.open();
    const people = player.seek(500).people;
    const caret = (id: string) => people.find((person) => person.id === id)?.caret;
    expect(caret('ada')).toEqual({ file: 'main', index: 7 });
    expect(caret('bob')).toEqual({ file: 'other', index: 6 });
  });
});

describe('moment 0', () => {
  it('leaves out a long pause before the start', async () => {
    const recording = new Recording({ started_at: new Date(START + 7_200_000).toISOString() });
    const bob = new Replica(recording, 'bob');
    bob.text.insert(0, 'prepared');
    recording.now = START + 7_200_000 - 60_000;
    recording.trace('ada', 'join');
    recording.now = START + 7_200_000;
    recording.trace('bob', 'start');
    const player = await recording.open();
    expect(player.replay.start).toBe(START + 7_200_000 - 60_000);
    expect(player.replay.duration).toBe(60_000);
    expect(player.seek(0).text('main')).toBe('prepared');
  });
});
