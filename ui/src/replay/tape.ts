import type { Timer } from '../sync/timer';
import type { TestCase } from '../sync/tests';
import type { FileInfo } from '../sync/files';
import type { Lane, Mark, ReplayHeader, Stretch } from './replay';

/** A run as it stands in the document; its output is a text of its own. */
export interface RunState {
  id: string;
  by: string;
  file: string;
  language: string;
  startedAt: number;
  durationMs: number;
  status: string;
  /** Which text of the tape is its output; -1: none. */
  output: number;
}

/** Small state that changes as a whole, by name. */
export interface SideState {
  files: readonly FileInfo[];
  runs: readonly RunState[];
  tests: readonly TestCase[];
  timer: Timer | null;
}

export const SIDE_KEYS = ['files', 'runs', 'tests', 'timer'] as const;
export const EMPTY_SIDE: SideState = { files: [], runs: [], tests: [], timer: null };

/** How a person stood from a moment on, by the trace. */
export interface TraceState {
  here: boolean;
  state: 'active' | 'idle' | 'away';
  file: string;
  line: number;
}

/** What the trace says of one person; states[n] holds from times[n] on. */
export interface PersonTrace {
  person: string;
  times: Float64Array;
  states: readonly TraceState[];
}

/** Nobody, in the column `by`. */
export const NOBODY = 0xffff;

/** The column `target` of a change of side state: SIDE + index into SIDE_KEYS. */
export const SIDE = 0xffff_fff0;

/**
 * Columns hold one row for each operation, in the order of time. A text operation replaces
 * `removed` units at `index` of text `target` by `inserted` units. The units stand one after the
 * other in two long strings. An operation on side state has the index of its old and its new value
 * in `removed` and `inserted`.
 */
export interface Columns {
  count: number;
  time: Float64Array;
  target: Uint32Array;
  index: Uint32Array;
  removed: Uint32Array;
  inserted: Uint32Array;
  by: Uint16Array;
}

/** Everything as it stood before operation `position`. */
export interface Keyframe {
  position: number;
  /** Offset of operation `position` in the two strings. */
  removedAt: number;
  insertedAt: number;
  /** Pairs: a text, and its content as an index into `contents`. */
  texts: Uint32Array;
  /** Indexes into `values`, in the order of SIDE_KEYS. */
  side: Uint32Array;
}

/** Tape is a session compiled: plain data that can be sent from the worker to the page. */
export interface Tape {
  header: ReplayHeader;
  start: number;
  duration: number;
  from: number;
  lanes: readonly Lane[];
  idle: readonly Stretch[];
  marks: readonly Mark[];
  people: readonly string[];
  /** Names of the texts: `file:<id>`, `prompt`, or `run:<n>`. */
  texts: readonly string[];
  columns: Columns;
  removedText: string;
  insertedText: string;
  values: readonly unknown[];
  /** Where each single edit ends: stepEnds[0] is the position before the first one. */
  stepEnds: Uint32Array;
  keyframes: readonly Keyframe[];
  contents: readonly string[];
  traces: readonly PersonTrace[];
  /** Pairs of time and end (0: none) of quiet time. */
  quiet: Float64Array;
  /** Entries that could not be read. */
  skipped: number;
}

/** Buffers of a tape that move to another thread without a copy. */
export function buffersOf(tape: Tape): ArrayBuffer[] {
  const { time, target, index, removed, inserted, by } = tape.columns;
  const columns = [time, target, index, removed, inserted, by, tape.stepEnds, tape.quiet];
  const frames = tape.keyframes.flatMap((frame) => [frame.texts, frame.side]);
  const rest = [...tape.lanes.map((lane) => lane.counts), ...tape.traces.map((trace) => trace.times)];
  return [...columns, ...frames, ...rest].map((array) => array.buffer as ArrayBuffer);
}
