import type { Activity } from './activity';
import type { Mark, ReplayHeader } from './replay';
import type { RunState, Tape } from './tape';
import type { TapeWriter } from './tape-writer';
import type { Traces } from './traces';

/** A longer pause before the start is cut off: a session may be prepared the day before. */
const PREPARED_MS = 30 * 60_000;

/** So many marks are shown. */
const MAX_MARKS = 20_000;

/** What the compiler has gathered. Times are ms since the epoch. */
export interface Gathered {
  readonly writer: TapeWriter;
  readonly traces: Traces;
  readonly activity: Activity;
  readonly marks: readonly Mark[];
  readonly stepEnds: readonly number[];
  readonly people: readonly string[];
  readonly skipped: number;
  readonly gapAt: number;
  readonly first: number;
  readonly last: number;
  /** When the history that was folded away ends; 0: none was. */
  readonly base: number;
}

/** finishTape turns times since the epoch into times from the start, and sums up. */
export function finishTape(gathered: Gathered, header: ReplayHeader): Tape {
  const written = gathered.writer.finish();
  const { columns } = written;
  const start = startOf(gathered, header);
  const span = { start, duration: Math.max(0, gathered.last - start) };
  const relative = (t: number) => Math.min(span.duration, Math.max(0, t - start));
  for (let row = 0; row < columns.count; row += 1) columns.time[row] = relative(columns.time[row] ?? 0);
  const known = [...gathered.traces.people].map(([id, track]) => [id, track.times[0] ?? 0] as const);
  return {
    ...written,
    values: written.values.map((value, index) => (index < 4 ? value : withStarts(value, relative))),
    header,
    start,
    duration: span.duration,
    from: gathered.base > 0 ? relative(gathered.base) : 0,
    lanes: gathered.activity.lanes(
      span,
      known.map(([id, t]) => [id, t]),
    ),
    idle: gathered.activity.idle(span, gathered.traces.active),
    marks: marksOf(gathered, relative),
    people: gathered.people,
    stepEnds: Uint32Array.from(gathered.stepEnds.length > 0 ? gathered.stepEnds : [columns.count]),
    traces: gathered.traces.finish(start),
    quiet: Float64Array.from(gathered.traces.quiet, (t) => Math.max(0, t - start)),
    skipped: gathered.skipped,
  };
}

/**
 * Moment 0 is the first line, unless there is a pause of half an hour between it and the start of
 * the interview. What came before such a pause stands there from moment 0 on.
 */
function startOf({ first, last, writer, traces }: Gathered, { startedAt }: ReplayHeader): number {
  if (!(startedAt > first) || startedAt > last) return first;
  const { time, count } = writer.columns;
  const before = [...time.subarray(0, count), ...traces.active]
    .filter((t) => t < startedAt)
    .sort((a, b) => b - a);
  let start = startedAt;
  for (const t of before) {
    if (start - t > PREPARED_MS) return start;
    start = t;
  }
  return Math.min(start, startedAt);
}

function marksOf(gathered: Gathered, relative: (t: number) => number): Mark[] {
  const { gapAt, skipped } = gathered;
  const gap: Mark[] = skipped > 0 ? [{ at: gapAt || gathered.first, by: '', kind: 'gap' }] : [];
  const all = [...gathered.marks, ...gathered.traces.marks, ...gap];
  const moved = all.map((mark): Mark => {
    const at = relative(mark.at);
    return 'until' in mark ? { ...mark, at, until: relative(mark.until) } : { ...mark, at };
  });
  return moved.sort((a, b) => a.at - b.at).slice(0, MAX_MARKS);
}

function withStarts(value: unknown, relative: (t: number) => number): unknown {
  if (!Array.isArray(value)) return value;
  return (value as unknown[]).map((item) =>
    typeof item === 'object' && item !== null && 'startedAt' in item
      ? { ...(item as RunState), startedAt: relative((item as RunState).startedAt) }
      : item,
  );
}
