import type { ReplayPresence } from './replay';
import type { PersonTrace, Tape, TraceState } from './tape';

/** Without a trace somebody counts as idle this long after their last edit. */
const IDLE_MS = 60_000;

/** One edit of somebody. */
interface Caret {
  file: string;
  index: number;
}

interface Track {
  id: string;
  trace: PersonTrace | null;
  /** Operations on files by this person. */
  rows: Uint32Array;
  caretRow: number;
  caret: Caret | null;
  last: ReplayPresence | null;
}

/** lastAt is the index of the last number that is not above a limit; -1: all are. */
export function lastAt(sorted: Float64Array | Uint32Array, limit: number, count = sorted.length): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) <= limit) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Presences says who was where. What did not change is the same object again. */
export class Presences {
  readonly #tape: Tape;
  readonly #tracks: Track[];
  readonly #traced: boolean;
  #last: readonly ReplayPresence[] = [];

  constructor(tape: Tape, files: readonly (string | null)[]) {
    this.#tape = tape;
    this.#traced = tape.traces.some((trace) => trace.states.some((state) => state.here));
    const rows = rowsByPerson(tape, files);
    const traces = new Map(tape.traces.map((trace) => [trace.person, trace]));
    const ids = new Set([
      ...tape.header.people.map(({ id }) => id),
      ...tape.lanes.map(({ person }) => person),
      ...traces.keys(),
    ]);
    this.#tracks = [...ids].map((id) => ({
      id,
      trace: traces.get(id) ?? null,
      rows: rows.get(id) ?? new Uint32Array(),
      caretRow: -1,
      caret: null,
      last: null,
    }));
    this.#files = files;
  }

  readonly #files: readonly (string | null)[];

  at(time: number, position: number): readonly ReplayPresence[] {
    const people = this.#tracks.map((track) => this.#presence(track, time, position));
    const same = people.every((person, index) => person === this.#last[index]);
    if (!same || people.length !== this.#last.length) this.#last = people;
    return this.#last;
  }

  #presence(track: Track, time: number, position: number): ReplayPresence {
    const edit = lastAt(track.rows, position - 1);
    const caret = this.#caret(track, edit < 0 ? -1 : (track.rows[edit] ?? -1));
    const { here, state, file, line } = this.#state(track, time, edit);
    const next = { id: track.id, here, state, file: file || (caret?.file ?? ''), line, caret };
    const { last } = track;
    const keys = ['here', 'state', 'file', 'line', 'caret'] as const;
    if (last && keys.every((key) => last[key] === next[key])) return last;
    track.last = next;
    return next;
  }

  #state(track: Track, time: number, edit: number): TraceState {
    const { trace } = track;
    const found = trace?.states[lastAt(trace.times, time)];
    if (this.#traced) return found ?? { here: false, state: 'active', file: '', line: 0 };
    const { columns } = this.#tape;
    const typed = edit < 0 ? -Infinity : (columns.time[track.rows[edit] ?? 0] ?? 0);
    const here = edit >= 0;
    return { here, state: time - typed > IDLE_MS ? 'idle' : 'active', file: '', line: 0 };
  }

  #caret(track: Track, row: number): Caret | null {
    if (track.caretRow === row) return track.caret;
    const { target, index, inserted } = this.#tape.columns;
    track.caretRow = row;
    track.caret =
      row < 0
        ? null
        : {
            file: this.#files[target[row] ?? 0] ?? '',
            index: (index[row] ?? 0) + (inserted[row] ?? 0),
          };
    return track.caret;
  }
}

function rowsByPerson(
  { columns, people }: Tape,
  files: readonly (string | null)[],
): Map<string, Uint32Array> {
  const rows = people.map((): number[] => []);
  for (let row = 0; row < columns.count; row += 1)
    if (files[columns.target[row] ?? 0] != null) rows[columns.by[row] ?? -1]?.push(row);
  return new Map(people.map((id, index) => [id, Uint32Array.from(rows[index] ?? [])]));
}
