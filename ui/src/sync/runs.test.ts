import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { MAX_RUNS, SharedRuns, endAbandonedRuns, outputOf, readRuns, startRun } from './runs';

const run = (id: string, by = 'ada', startedAt = 100) => ({
  id,
  by,
  file: 'main',
  language: 'python',
  startedAt,
});

describe('runs', () => {
  it('shows others a run, its output by stream, and its end', () => {
    const doc = new Y.Doc();
    const writer = startRun(doc, run('r1'));
    writer.append([{ text: 'out ', stream: 'stdout' }]);
    writer.append([
      { text: 'err ', stream: 'stderr' },
      { text: 'typed ', stream: 'stdin' },
      { text: 'out again', stream: 'stdout' },
    ]);
    writer.finish({ status: 'error', durationMs: 12.6, exitCode: 3 });
    const other = new Y.Doc();
    Y.applyUpdate(other, Y.encodeStateAsUpdate(doc));
    const [seen] = readRuns(other);
    expect(seen).toMatchObject({ ...run('r1'), status: 'error', durationMs: 13, exitCode: 3 });
    expect(seen && outputOf(seen.output).getSnapshot()).toEqual([
      { text: 'out ', stream: 'stdout' },
      { text: 'err ', stream: 'stderr' },
      { text: 'typed ', stream: 'stdin' },
      { text: 'out again', stream: 'stdout' },
    ]);
    expect(seen?.output.toString()).toBe('out err typed out again');
  });

  it('keeps the newest runs only', () => {
    const doc = new Y.Doc();
    for (let i = 0; i < MAX_RUNS + 3; i++) startRun(doc, run(`r${i}`));
    const ids = readRuns(doc).map(({ id }) => id);
    expect(ids).toHaveLength(MAX_RUNS);
    expect(ids.at(0)).toBe('r3');
    expect(ids.at(-1)).toBe(`r${MAX_RUNS + 2}`);
  });

  it('may still write to a run that was dropped meanwhile', () => {
    const doc = new Y.Doc();
    const writer = startRun(doc, run('first'));
    for (let i = 0; i < MAX_RUNS; i++) startRun(doc, run(`r${i}`));
    writer.append([{ text: 'late', stream: 'stdout' }]);
    writer.finish({ status: 'ok', durationMs: 1 });
    expect(readRuns(doc).some(({ id }) => id === 'first')).toBe(false);
  });

  it('leaves out what is malformed', () => {
    const doc = new Y.Doc();
    doc.getArray<unknown>('runs').push([1, 'x', new Y.Map(), new Y.Map([['id', 'no output']])]);
    startRun(doc, run('good'));
    expect(readRuns(doc).map(({ id }) => id)).toEqual(['good']);
  });

  it('ends what an earlier page of the same person left running, and nothing else', () => {
    const doc = new Y.Doc();
    startRun(doc, run('mine-old', 'ada', 100));
    startRun(doc, run('mine-new', 'ada', 300));
    startRun(doc, run('theirs', 'bob', 100));
    startRun(doc, run('finished', 'ada', 100)).finish({ status: 'ok', durationMs: 5 });
    endAbandonedRuns(doc, 'ada', 200);
    expect(readRuns(doc).map(({ id, status }) => [id, status])).toEqual([
      ['mine-old', 'stopped'],
      ['mine-new', 'running'],
      ['theirs', 'running'],
      ['finished', 'ok'],
    ]);
  });

  it('does not redraw the list for output', () => {
    const doc = new Y.Doc();
    const runs = new SharedRuns(doc);
    const writer = startRun(doc, run('r1'));
    const before = runs.getSnapshot();
    writer.append([{ text: 'x', stream: 'stdout' }]);
    expect(runs.getSnapshot()).toBe(before);
    writer.finish({ status: 'ok', durationMs: 1 });
    expect(runs.getSnapshot()[0]?.status).toBe('ok');
    runs.dispose();
  });
});
