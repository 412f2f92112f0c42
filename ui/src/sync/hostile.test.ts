import { describe, expect, it } from 'vitest';
import { Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { MAX_FILES, readFiles } from './files';
import { RunAuthors } from './run-authors';
import { MAX_RUNS, outputOf, outputText, readRuns, startRun } from './runs';
import { MAX_TESTS, readTests } from './tests';
import { tidy } from './tidy';

const run = (id: string, by: string) => ({ id, by, file: 'main', language: 'python', startedAt: 1 });

function entry(fields: Record<string, unknown>): Y.Map<unknown> {
  return new Y.Map(Object.entries(fields));
}

/** join makes another person's copy, and a way to hand everything over. */
function join(doc: Y.Doc): { other: Y.Doc; send: () => void } {
  const other = new Y.Doc();
  Y.applyUpdate(other, Y.encodeStateAsUpdate(doc));
  return { other, send: () => Y.applyUpdate(doc, Y.encodeStateAsUpdate(other)) };
}

describe('who ran a program', () => {
  function authors() {
    const doc = new Y.Doc();
    const awareness = new Awareness(doc);
    return { doc, awareness, authors: new RunAuthors(awareness, 'grace', `s${doc.clientID}`) };
  }

  it('is whoever wrote the run, not whom it names', () => {
    const { doc, awareness, authors: known } = authors();
    startRun(doc, run('own', 'grace'));
    const { other, send } = join(doc);
    startRun(other, run('forged', 'grace'));
    send();
    const [own, forged] = readRuns(doc);
    expect(own && known.authorOf(own)).toEqual({ id: 'grace', proven: true });
    expect(forged && known.authorOf(forged)).toEqual({ id: 'grace', proven: false });
    awareness.states.set(other.clientID, { user: { id: 'mallory' } });
    awareness.emit('change', [{ added: [other.clientID], updated: [], removed: [] }, 'test']);
    expect(forged && known.authorOf(forged)).toEqual({ id: 'mallory', proven: true });
  });

  it('is not certain once somebody else wrote in the run', () => {
    for (const meddle of [
      (map: Y.Map<unknown>) => map.set('page', '<p>'),
      (map: Y.Map<unknown>) => (map.get('output') as Y.Text).insert(0, 'All tests passed'),
    ]) {
      const { doc, authors: known } = authors();
      startRun(doc, run('own', 'grace'));
      const { other, send } = join(doc);
      meddle(other.getArray<Y.Map<unknown>>('runs').get(0));
      send();
      expect(readRuns(doc).map((one) => known.authorOf(one).proven)).toEqual([false]);
    }
  });
});

describe('what is read of a hostile document', () => {
  it('is the newest runs, each once, with bounded texts and results', () => {
    const doc = new Y.Doc();
    const results = Array.from({ length: 12_000 }, () => ({ verdict: 'failed', actual: 'x'.repeat(9000) }));
    doc
      .getArray('runs')
      .push(Array.from({ length: 5000 }, () => entry({ id: 'same', output: new Y.Text() })));
    doc
      .getArray('runs')
      .push([entry({ id: 'last', language: 'x'.repeat(9e5), results, output: new Y.Text('o') })]);
    const runs = readRuns(doc);
    expect(runs.map(({ id }) => id)).toEqual(['same', 'last']);
    expect(runs[1]?.language).toHaveLength(64);
    expect(runs[1]?.results).toHaveLength(MAX_TESTS);
    expect(runs[1]?.results?.[0]?.actual).toHaveLength(4000);
  });

  it('is as much of an output as a program may write', () => {
    const doc = new Y.Doc();
    const output = doc.getText('output');
    output.insert(0, 'x'.repeat(256 * 1024));
    expect(outputText(output)).toHaveLength(256 * 1024);
    output.insert(0, 'y'.repeat(1_000_000));
    expect(outputText(output)).toMatch(/^y{262145}\n… /);
  });

  it('is every letter of an output in many pieces, but no endless number of pieces', () => {
    const output = new Y.Doc().getText('output');
    const piece = (i: number) => ({ insert: 'x', attributes: i % 2 ? { stream: 'stderr' } : {} });
    output.applyDelta(Array.from({ length: 30_000 }, (_, i) => piece(i)));
    expect(outputOf(output).getSnapshot()).toHaveLength(10_000);
    expect(outputText(output)).toBe('x'.repeat(30_000));
  });

  it('keeps the files and tests of others when one writes thousands', () => {
    const doc = new Y.Doc();
    doc.getMap('files').set('honest', entry({ name: 'honest.js', order: 5 }));
    doc.getArray('tests').push([entry({ id: 'honest', name: 'honest' })]);
    const { other, send } = join(doc);
    other.transact(() => {
      for (let i = 0; i < 3000; i++) other.getMap('files').set(`f${i}`, entry({ name: 'a', order: -i }));
      other.getArray('tests').insert(
        0,
        Array.from({ length: 3000 }, (_, i) => entry({ id: `t${i}`, name: 'n' })),
      );
    });
    send();
    const names = () => readFiles(doc).map(({ id }) => id);
    expect(names()).toHaveLength(MAX_FILES);
    expect(names()).toEqual(expect.arrayContaining(['main', 'honest']));
    expect(readTests(doc).map(({ id }) => id)).toContain('honest');
    const before = [names(), readTests(doc)];
    for (let i = 0; i < 5; i++) tidy(doc);
    expect([names(), readTests(doc)]).toEqual(before);
    expect(doc.getMap('files').size).toBeLessThanOrEqual(2 * MAX_FILES);
    expect(doc.getArray('tests').length).toBeLessThanOrEqual(2 * MAX_TESTS);
  });

  it('tidies up runs, and leaves a document within bounds alone', () => {
    const doc = new Y.Doc();
    for (let i = 0; i < MAX_RUNS; i++) startRun(doc, run(`r${i}`, 'ada'));
    const state = Y.encodeStateVector(doc);
    tidy(doc);
    expect(doc.getArray('runs').length).toBe(MAX_RUNS);
    expect(Y.encodeStateVector(doc)).toEqual(state);
    doc.getArray('runs').push(Array.from({ length: 100 }, () => entry({ id: 'x' })));
    tidy(doc);
    expect(doc.getArray('runs').length).toBe(MAX_RUNS);
  });
});
