import * as Y from 'yjs';
import { TEXTS } from '../lib/texts';
import { Derived, nextFrame, type Readable } from '../lib/readable';
import { clientOf } from './fair-share';
import { MAX_TESTS } from './tests';

/** Runs kept in the document; older ones are dropped when a new one starts. */
export const MAX_RUNS = 20;

/** How a run stands. Only `running` changes. */
export type RunStatus = 'running' | 'ok' | 'error' | 'stopped' | 'timeout';

/** Run is one execution as everybody sees it. */
export interface Run {
  id: string;
  /**
   * Participant id of whoever pressed Run; the program ran in their browser. It is only what the
   * writer says, see run-authors.ts.
   */
  by: string;
  /** Client ids under which anything in here was written. */
  writers: readonly number[];
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

/** Of an id or a name of a language, in UTF-16 units. */
const MAX_ID = 64;
/** Of one text of a test's result: somewhat more than is written. */
const MAX_RESULT_TEXT = 4_000;
/** Of an output and of a page: what is written has no more, see features/run/control/limits.ts. */
const MAX_OUTPUT_UNITS = 256 * 1024;
/** Stretches of output whose streams are told apart; what follows is drawn as the last of them. */
const MAX_PARTS = 10_000;
/** Items of an output that are looked at, the deleted ones too. */
const MAX_ITEMS = 200_000;

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
    for (const entry of lastRuns(doc)) {
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
  const runs = new Map<string, Run>();
  for (const entry of lastRuns(doc)) {
    const run = entry instanceof Y.Map ? readRun(entry) : null;
    if (run && !runs.has(run.id)) runs.set(run.id, run);
  }
  return [...runs.values()];
}

/** lastRuns gives the entries that are looked at: there may be any number. */
function lastRuns(doc: Y.Doc): unknown[] {
  const runs = doc.getArray<unknown>('runs');
  return runs.slice(Math.max(0, runs.length - MAX_RUNS));
}

/** removeRun takes a run away for everybody. */
export function removeRun(doc: Y.Doc, { output }: Pick<Run, 'output'>): void {
  const runs = doc.getArray<unknown>('runs');
  const index = runs.toArray().indexOf(output.parent);
  if (index >= 0) doc.transact(() => runs.delete(index), RUN_ORIGIN);
}

function readRun(map: Y.Map<unknown>): Run | null {
  const text = (key: string) => {
    const value = map.get(key);
    return typeof value === 'string' ? value.slice(0, MAX_ID) : '';
  };
  const number = (key: string) => {
    const value = map.get(key);
    return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER ? value : 0;
  };
  const output = map.get('output');
  const status = map.get('status');
  const exitCode = map.get('exitCode');
  const page = map.get('page');
  if (!text('id') || !(output instanceof Y.Text)) return null;
  return {
    id: text('id'),
    by: text('by'),
    writers: writersOf(map, output),
    file: text('file'),
    language: text('language'),
    startedAt: number('startedAt'),
    durationMs: number('durationMs'),
    status: STATUSES.includes(status) ? (status as RunStatus) : 'error',
    exitCode: Number.isSafeInteger(exitCode) ? Number(exitCode) : null,
    output,
    page: typeof page === 'string' && page.length <= MAX_OUTPUT_UNITS ? page : null,
    results: readResults(map.get('results')),
  };
}

const VERDICTS: readonly unknown[] = ['passed', 'failed', 'error', 'timeout'];

function readResults(value: unknown): TestResult[] | null {
  if (!Array.isArray(value)) return null;
  const text = (field: unknown) => (typeof field === 'string' ? field.slice(0, MAX_RESULT_TEXT) : '');
  return (value as unknown[]).slice(0, MAX_TESTS).flatMap((item) => {
    const found = (typeof item === 'object' && item !== null ? item : {}) as Record<string, unknown>;
    if (!VERDICTS.includes(found.verdict)) return [];
    const verdict = found.verdict as TestResult['verdict'];
    return [
      {
        id: text(found.id).slice(0, MAX_ID),
        name: text(found.name).slice(0, 100),
        verdict,
        actual: text(found.actual),
        expected: text(found.expected),
      },
    ];
  });
}

/** writersOf collects who wrote a run, its fields and its output. */
function writersOf(map: Y.Map<unknown>, output: Y.Text): readonly number[] {
  const writers = new Set([clientOf(map)]);
  for (const item of map._map.values()) if (!item.deleted) writers.add(item.id.client);
  for (const item of itemsOf(output)) writers.add(item.id.client);
  return [...writers];
}

/** itemsOf gives the items of a text that are not deleted, but no endless number. */
function* itemsOf(text: Y.Text): Generator<Y.Item> {
  let item = text._start;
  for (let n = 0; item && n < MAX_ITEMS; n++, item = item.right) if (!item.deleted) yield item;
}

/**
 * SharedRuns follows the list of runs and their states, but not their output: that changes far more
 * often.
 */
export class SharedRuns implements Readable<readonly Run[]> {
  readonly #doc: Y.Doc;
  readonly #value: Derived<readonly Run[]>;

  readonly subscribe: Readable<readonly Run[]>['subscribe'];
  readonly getSnapshot: Readable<readonly Run[]>['getSnapshot'];

  constructor(doc: Y.Doc) {
    this.#doc = doc;
    this.#value = new Derived<readonly Run[]>(() => readRuns(doc));
    this.subscribe = this.#value.subscribe;
    this.getSnapshot = this.#value.getSnapshot;
    doc.getArray('runs').observeDeep(this.#refresh);
  }

  dispose(): void {
    this.#doc.getArray('runs').unobserveDeep(this.#refresh);
    this.#value.dispose();
  }

  readonly #refresh = (
    events: Y.YEvent<Y.AbstractType<unknown>>[],
    { beforeState, afterState }: Y.Transaction,
  ): void => {
    if (events.every(({ target }) => target instanceof Y.Text && isOwn(target))) return;
    this.#value.changed();

    /** Whether nobody but the run's writer has written in this transaction. */
    function isOwn(output: Y.Text): boolean {
      const writer = output._item?.id.client;
      for (const [client, clock] of afterState) {
        if (client !== writer && clock !== (beforeState.get(client) ?? 0)) return false;
      }
      return true;
    }
  };
}

/** outputOf follows the output of one run, at most once per animation frame. */
export function outputOf(output: Y.Text): Readable<readonly OutputPart[]> {
  let current: readonly OutputPart[] = readOutput(output);
  return {
    getSnapshot: () => current,
    subscribe: (listener) => {
      let cancel: (() => void) | null = null;
      const refresh = () => {
        cancel ??= nextFrame(() => {
          cancel = null;
          current = readOutput(output);
          listener();
        });
      };
      output.observe(refresh);
      refresh();
      return () => {
        cancel?.();
        output.unobserve(refresh);
      };
    },
  };
}

/** outputText is what of an output is shown, without its colours of streams. */
export function outputText(output: Y.Text): string {
  return readOutput(output)
    .map(({ text }) => text)
    .join('');
}

/** readOutput reads as much as a program may write, whatever others have put there. */
function readOutput(output: Y.Text): OutputPart[] {
  const parts: OutputPart[] = [];
  let stream: OutputPart['stream'] = 'stdout';
  // One more than a program may write: what ends there is whole.
  let room = MAX_OUTPUT_UNITS + 1;
  for (const { content } of itemsOf(output)) {
    if (content instanceof Y.ContentFormat && content.key === 'stream') stream = streamOf(content.value);
    if (!(content instanceof Y.ContentString)) continue;
    const text = content.str.slice(0, room);
    room -= text.length;
    const last = parts.at(-1);
    if (last && (last.stream === stream || parts.length >= MAX_PARTS)) last.text += text;
    else parts.push({ text, stream });
    if (room > 0) continue;
    parts.push({ text: `\n${TEXTS.run.cutHere}\n`, stream: 'stderr' });
    break;
  }
  return parts;
}

function streamOf(value: unknown): OutputPart['stream'] {
  return value === 'stderr' || value === 'stdin' ? value : 'stdout';
}
