// What a replay is made of: the types that the compiler, the player and the page share.
import type { Role } from '../lib/roles';
import type { TestCase } from '../sync/tests';
import type { Timer } from '../sync/timer';

export interface ReplayPerson {
  id: string;
  name: string;
  role: Role;
  color: string;
}

export interface ReplayHeader {
  session: string;
  title: string;
  status: string;
  record: 'all' | 'edits' | 'nothing';
  /** Milliseconds since the epoch, 0 when not reached. */
  startedAt: number;
  endedAt: number;
  people: readonly ReplayPerson[];
  /** Interviewers' own lines (marks) are among the lines. */
  private: boolean;
}

/** Where the text of an insertion came from, as far as the session itself can tell. */
export type InsertionSource = 'moved' | 'undo' | 'starter' | 'formatter' | 'assistant' | 'new';

/** A moment worth finding again. Times are milliseconds from the start. */
export type Mark = { at: number; by: string; file?: string } & (
  | { kind: 'run'; run: string; status: string }
  | {
      kind: 'insertion';
      lines: number;
      characters: number;
      from: InsertionSource;
      step: number;
    }
  | { kind: 'away'; until: number }
  | { kind: 'offline'; until: number }
  | { kind: 'join' | 'leave' | 'start' | 'end' }
  | { kind: 'quiet'; until: number }
  | { kind: 'mark'; text: string }
  | { kind: 'role'; about: string; role: string }
  | { kind: 'language'; language: string }
  | { kind: 'gap' }
);

/** Milliseconds from the start. */
export interface Stretch {
  from: number;
  to: number;
}

/** Into how many equal parts the duration is cut for the lanes. */
export const BINS = 600;

export interface Lane {
  person: string;
  /** Edits in each of BINS equal parts of the duration. */
  counts: Uint16Array;
}

export interface Replay {
  header: ReplayHeader;
  /** Moment 0, in milliseconds since the epoch. */
  start: number;
  duration: number;
  /** The moment from which on every key is there: 0, or where a folded base begins. */
  from: number;
  /** How many single edits there are. */
  steps: number;
  /** In order of first appearance. */
  lanes: readonly Lane[];
  /** Longer than 3 s, in which nobody does anything. */
  idle: readonly Stretch[];
  /** By time. */
  marks: readonly Mark[];
}

export interface ReplayFile {
  id: string;
  name: string;
  language: string;
}

export interface ReplayRun {
  id: string;
  by: string;
  file: string;
  language: string;
  /** Milliseconds from the start. */
  startedAt: number;
  durationMs: number;
  status: string;
  output: string;
}

export interface ReplayPresence {
  id: string;
  here: boolean;
  state: 'active' | 'idle' | 'away';
  file: string;
  line: number;
  /** Where the last edit of this person ended. */
  caret: { file: string; index: number } | null;
}

/** What stood there at a moment. A new object for each change; what did not change is shared. */
export interface Moment {
  at: number;
  step: number;
  /** Where it stands on the tape, between two operations. */
  position: number;
  files: readonly ReplayFile[];
  text(file: string): string;
  /** In UTF-16 units. */
  length(file: string): number;
  /** A part of a text, at no cost for the rest of it. */
  slice(file: string, from: number, to: number): string;
  /**
   * Turns a text as it stood at another position into the one of now. null: the two are so far
   * apart that comparing them costs less.
   */
  splices(file: string, since: number): readonly Splice[] | null;
  prompt: string;
  runs: readonly ReplayRun[];
  tests: readonly TestCase[];
  /** Its `at` is by the server's clock, in ms since the epoch. */
  timer: Timer | null;
  people: readonly ReplayPresence[];
  /** Milliseconds from the start; 0: no quiet time. */
  quietUntil: number;
  lastEdit: {
    by: string;
    file: string;
    index: number;
    removed: number;
    inserted: number;
  } | null;
}

/** Replaces `removed` units from `index` on. Several count their places before any of them. */
export interface Splice {
  index: number;
  removed: number;
  inserted: string;
}

/** UTF-16 ranges in the text of now. */
export interface ChangedRange {
  file: string;
  from: number;
  to: number;
}

/** Walks the tape. All calls are synchronous. */
export interface Player {
  readonly replay: Replay;
  seek(at: number): Moment;
  /** By single edits, backwards when negative. */
  step(by: number): Moment;
  now(): Moment;
  timeOf(step: number): number;
  /** What is new in now's files since a moment before it. */
  changedSince(at: number): readonly ChangedRange[];
}

export type ReplayErrorCode =
  'not_a_bundle' | 'newer' | 'broken' | 'changed' | 'too_large' | 'nothing_recorded';

/** Why there is no replay, with a sentence for people as its message. */
export class ReplayError extends Error {
  constructor(
    readonly code: ReplayErrorCode,
    message: string,
  ) {
    super(message);
    this.name = 'ReplayError';
  }
}
