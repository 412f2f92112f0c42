import * as Y from 'yjs';
import { Value, type Readable } from '../lib/readable';

/** Runs kept in the document; older ones are dropped when a new one starts. */
export const MAX_RUNS = 20;

/** How a run stands. Only `running` changes. */
export type RunStatus = 'running' | 'ok' | 'error' | 'stopped' | 'timeout';

/** Run is one execution as everybody sees it. */
export interface Run {
  id: string;
  /** Participant id of whoever pressed Run; the program ran in their browser. */
  by: string;
  file: string;
  language: string;
  /** Milliseconds since 1970, by the clock of whoever ran it. */
  startedAt: number;
  durationMs: number;
  status: RunStatus;
  /** As a terminal would have it; null where the language has none, or before the end. */
  exitCode: number | null;
  output: Y.Text;
  /** What a page (HTML) was made of, to be shown beside the output; null for a program. */
  page: string | null;
  /** How the tests went, if it was a run of tests; null else. */
  results: readonly TestResult[] | null;
}

/** How one test of a run went. */
export interface TestResult {
  id: string;
  name: string;
  verdict: 'passed' | 'failed' | 'error' | 'timeout';
  /** What the program wrote and what was expected; empty for a hidden test, or one that passed. */
  actual: string;
  expected: string;
}

/** How a run ended. */
export interface RunEnd {
  status: Exclude<RunStatus, 'running'>;
  durationMs: number;
  exitCode?: number;
}

/** A stretch of output from one stream. */
export interface OutputPart {
  text: string;
  stream: 'stdout' | 'stderr' | 'stdin';
}

const STATUSES: readonly unknown[] = ['running', 'ok', 'error', 'stopped', 'timeout'];

/** Origin of a run's changes, so that undo ignores them. */
const RUN_ORIGIN = 'run';

/** startRun appends a run to the shared list and gives the handle to write its output and end. */
export function startRun(
  doc: Y.Doc,
  run: Pick<Run, 'id' | 'by' | 'file' | 'language' | 'startedAt'>,
): RunWriter {
  const map = new Y.Map<unknown>();
  const output = new Y.Text();
  doc.transact(() => {
    const runs = doc.getArray<Y.Map<unknown>>('runs');
    for (const [key, value] of Object.entries(run)) map.set(key, value);
    map.set('durationMs', 0);
    map.set('status', 'running' satisfies RunStatus);
    map.set('output', output);
    runs.push([map]);
    if (runs.length > MAX_RUNS) runs.delete(0, runs.length - MAX_RUNS);
  }, RUN_ORIGIN);
  return new RunWriter(doc, map, output);
}

/** RunWriter is held by the browser in which the program runs. */
export class RunWriter {
  readonly #doc: Y.Doc;
  readonly #map: Y.Map<unknown>;
  readonly #output: Y.Text;

  constructor(doc: Y.Doc, map: Y.Map<unknown>, output: Y.Text) {
    this.#doc = doc;
    this.#map = map;
    this.#output = output;
  }

  append(parts: readonly OutputPart[]): void {
    if (parts.length === 0) return;
    this.#doc.transact(() => {
      for (const { text, stream } of parts) {
        // Explicit attributes: without them Yjs continues the format of what stands before.
        this.#output.insert(this.#output.length, text, stream === 'stdout' ? {} : { stream });
      }
    }, RUN_ORIGIN);
  }

  /** Shows everybody a page that was run; null takes it away. */
  showPage(source: string | null): void {
    this.#doc.transact(() => this.#map.set('page', source), RUN_ORIGIN);
  }

  showResults(results: readonly TestResult[]): void {
    this.#doc.transact(() => this.#map.set('results', results), RUN_ORIGIN);
  }

  finish({ status, durationMs, exitCode }: RunEnd): void {
    this.#doc.transact(() => {
      this.#map.set('durationMs', Math.round(durationMs));
      if (exitCode !== undefined) this.#map.set('exitCode', exitCode);
      this.#map.set('status', status);
    }, RUN_ORIGIN);
  }
}

/**
 * endAbandonedRuns ends what a Participant's earlier page left running when it was closed or
 * crashed: a program runs in the page that started it and dies with it. before: milliseconds since
 * 1970, by the same clock.
 */
export function endAbandonedRuns(doc: Y.Doc, participantId: string, before: number): void {
  doc.transact(() => {
    for (const entry of doc.getArray<unknown>('runs').toArray()) {
      const run = entry instanceof Y.Map ? readRun(entry) : null;
      if (run?.by !== participantId || run.status !== 'running' || run.startedAt >= before) continue;
      (entry as Y.Map<unknown>).set('status', 'stopped' satisfies RunStatus);
    }
  }, RUN_ORIGIN);
}

/**
 * readRuns lists the runs, oldest first, leaving out what is malformed: others may have written it.
 */
export function readRuns(doc: Y.Doc): Run[] {
  const runs: Run[] = [];
  for (const entry of doc.getArray<unknown>('runs').toArray()) {
    const run = entry instanceof Y.Map ? readRun(entry) : null;
    if (run) runs.push(run);
  }
  return runs;
}

function readRun(map: Y.Map<unknown>): Run | null {
  const text = (key: string) => {
    const value = map.get(key);
    return typeof value === 'string' ? value : '';
  };
  const number = (key: string) => {
    const value = map.get(key);
    return typeof value === 'number' && Number.isFinite(value) ? value : 0;
  };
  const output = map.get('output');
  const status = map.get('status');
  const exitCode = map.get('exitCode');
  const page = map.get('page');
  if (!text('id') || !(output instanceof Y.Text)) return null;
  return {
    id: text('id'),
    by: text('by'),
    file: text('file'),
    language: text('language'),
    startedAt: number('startedAt'),
    durationMs: number('durationMs'),
    status: STATUSES.includes(status) ? (status as RunStatus) : 'error',
    exitCode: Number.isInteger(exitCode) ? Number(exitCode) : null,
    output,
    page: typeof page === 'string' ? page : null,
    results: readResults(map.get('results')),
  };
}

const VERDICTS: readonly unknown[] = ['passed', 'failed', 'error', 'timeout'];

function readResults(value: unknown): TestResult[] | null {
  if (!Array.isArray(value)) return null;
  const text = (field: unknown) => (typeof field === 'string' ? field : '');
  return (value as unknown[]).flatMap((item) => {
    const found = (typeof item === 'object' && item !== null ? item : {}) as Record<string, unknown>;
    if (!VERDICTS.includes(found.verdict)) return [];
    const verdict = found.verdict as TestResult['verdict'];
    return [
      {
        id: text(found.id),
        name: text(found.name),
        verdict,
        actual: text(found.actual),
        expected: text(found.expected),
      },
    ];
  });
}

/**
 * SharedRuns follows the list of runs and their states, but not their output: that changes far more
 * often.
 */
export class SharedRuns implements Readable<readonly Run[]> {
  readonly #doc: Y.Doc;
  readonly #value: Value<readonly Run[]>;

  readonly subscribe: Readable<readonly Run[]>['subscribe'];
  readonly getSnapshot: Readable<readonly Run[]>['getSnapshot'];

  constructor(doc: Y.Doc) {
    this.#doc = doc;
    this.#value = new Value<readonly Run[]>(readRuns(doc));
    this.subscribe = this.#value.subscribe;
    this.getSnapshot = this.#value.getSnapshot;
    doc.getArray('runs').observeDeep(this.#refresh);
  }

  dispose(): void {
    this.#doc.getArray('runs').unobserveDeep(this.#refresh);
  }

  readonly #refresh = (events: Y.YEvent<Y.AbstractType<unknown>>[]): void => {
    if (events.every((event) => event.target instanceof Y.Text)) return;
    this.#value.set(readRuns(this.#doc));
  };
}

/** outputOf follows the output of one run, at most once per animation frame. */
export function outputOf(output: Y.Text): Readable<readonly OutputPart[]> {
  let current: readonly OutputPart[] = readOutput(output);
  return {
    getSnapshot: () => current,
    subscribe: (listener) => {
      let frame = 0;
      const refresh = () => {
        frame ||= requestAnimationFrame(() => {
          frame = 0;
          current = readOutput(output);
          listener();
        });
      };
      output.observe(refresh);
      refresh();
      return () => {
        cancelAnimationFrame(frame);
        output.unobserve(refresh);
      };
    },
  };
}

function readOutput(output: Y.Text): OutputPart[] {
  const parts: OutputPart[] = [];
  for (const op of output.toDelta() as { insert?: unknown; attributes?: { stream?: unknown } }[]) {
    if (typeof op.insert !== 'string') continue;
    const stream = op.attributes?.stream;
    parts.push({ text: op.insert, stream: stream === 'stderr' || stream === 'stdin' ? stream : 'stdout' });
  }
  return parts;
}
