import { ChangedRanges, changedMiddle } from './changed-ranges';
import { Position, sideOf, type Standing } from './position';
import { lastAt, Presences } from './presence';
import type { ChangedRange, Moment, Player, Replay, ReplayFile, ReplayRun } from './replay';
import { Splices } from './splices';
import { SIDE, type RunState, type Tape } from './tape';

/** Past this many operations only the two texts are compared. */
const MAX_FOLLOWED = 20_000;

/** The same for the splices of a frame. At 16 times the speed one holds a few dozen operations. */
const MAX_SPLICED = 2_000;

/** TapePlayer walks a tape. */
export class TapePlayer implements Player {
  readonly replay: Replay;
  readonly #tape: Tape;
  readonly #position: Position;
  readonly #presences: Presences;
  /** The file of each text; null for what is no file. */
  readonly #files: readonly (string | null)[];
  /** Operations on files. */
  readonly #edited: Uint32Array;
  readonly #targets = new Map<string, number>();
  readonly #lists = new WeakMap<object, readonly ReplayFile[]>();
  readonly #runs = new WeakMap<RunState, ReplayRun>();
  #runList: readonly ReplayRun[] = [];
  #moment: Moment;
  #edit: { row: number; edit: Moment['lastEdit'] } = { row: -1, edit: null };

  constructor(tape: Tape) {
    this.#tape = tape;
    const { header, start, duration, from, lanes, idle, marks } = tape;
    this.replay = { header, start, duration, from, lanes, idle, marks, steps: tape.stepEnds.length - 1 };
    this.#files = tape.texts.map((name) => (name.startsWith('file:') ? name.slice('file:'.length) : null));
    const { target, count } = tape.columns;
    const rows = Array.from({ length: count }, (_, row) => row);
    this.#edited = Uint32Array.from(rows.filter((row) => this.#files[target[row] ?? 0] != null));
    tape.texts.forEach((name, index) => this.#targets.set(name, index));
    this.#position = new Position(tape);
    this.#presences = new Presences(tape, this.#files);
    this.#moment = this.#momentAt(0);
    this.seek(0);
  }

  seek(at: number): Moment {
    const time = Math.min(this.replay.duration, Math.max(0, at || 0));
    const position = this.#positionAt(time);
    if (position !== this.#position.at) this.#position.moveTo(position);
    else if (time === this.#moment.at) return this.#moment;
    this.#moment = this.#momentAt(time);
    return this.#moment;
  }

  step(by: number): Moment {
    const to = Math.min(this.replay.steps, Math.max(0, this.#moment.step + Math.trunc(by || 0)));
    this.#position.moveTo(this.#tape.stepEnds[to] ?? 0);
    this.#moment = this.#momentAt(this.timeOf(to));
    return this.#moment;
  }

  now(): Moment {
    return this.#moment;
  }

  timeOf(step: number): number {
    const end = this.#tape.stepEnds[Math.min(this.replay.steps, Math.max(0, step))] ?? 0;
    return end === 0 ? 0 : (this.#tape.columns.time[end - 1] ?? 0);
  }

  changedSince(at: number): readonly ChangedRange[] {
    const { columns } = this.#tape;
    const now = this.#position.at;
    const then = this.#positionAt(at);
    if (then >= now) return [];
    if (now - then > MAX_FOLLOWED) return this.#compared(then);
    const changed = new Map<number, ChangedRanges>();
    for (let row = then; row < now; row += 1) {
      const target = columns.target[row] ?? 0;
      if (target >= SIDE || this.#files[target] == null) continue;
      const ranges = changed.get(target) ?? new ChangedRanges();
      changed.set(target, ranges);
      ranges.edit(columns.index[row] ?? 0, columns.removed[row] ?? 0, columns.inserted[row] ?? 0);
    }
    return [...changed].flatMap(([target, ranges]) =>
      ranges.ranges().map((range) => ({ file: this.#files[target] ?? '', ...range })),
    );
  }

  #compared(then: number): ChangedRange[] {
    const past = new Position(this.#tape);
    past.moveTo(then);
    const [before, after] = [past.standing(), this.#position.standing()];
    return this.#files.flatMap((file, target) => {
      if (file === null) return [];
      const [old, now] = [textAt(before, target), textAt(after, target)];
      return changedMiddle(old, now).map((range) => ({ file, ...range }));
    });
  }

  /** How many operations have happened by a moment. */
  #positionAt(time: number): number {
    const { columns } = this.#tape;
    return lastAt(columns.time, time, columns.count) + 1;
  }

  #momentAt(at: number): Moment {
    const standing = this.#position.standing();
    const position = this.#position.at;
    const text = (name: string) => textAt(standing, this.#targets.get(name));
    const held = (file: string) => standing.texts[this.#targets.get(`file:${file}`) ?? -1]?.text;
    const slice = (file: string, from: number, to: number) => held(file)?.slice(from, to) ?? '';
    return {
      at,
      step: Math.max(0, lastAt(this.#tape.stepEnds, position)),
      position,
      files: this.#filesOf(standing),
      text: (file) => text(`file:${file}`),
      length: (file) => held(file)?.length ?? 0,
      slice,
      splices: (file, since) =>
        this.#splices(file, since, position)?.list((from, to) => slice(file, from, to)) ?? null,
      prompt: text('prompt'),
      runs: this.#runsOf(standing),
      tests: sideOf(this.#tape, standing, 'tests'),
      timer: sideOf(this.#tape, standing, 'timer'),
      people: this.#presences.at(at, position),
      quietUntil: this.#quietAt(at),
      lastEdit: this.#lastEdit(position),
    };
  }

  /** All operations between two positions, undone one after the other when it goes backwards. */
  #splices(file: string, since: number, position: number): Splices | null {
    if (Math.abs(position - since) > MAX_SPLICED) return null;
    const { columns } = this.#tape;
    const wanted = this.#targets.get(`file:${file}`);
    const splices = new Splices();
    const [removed, inserted] =
      since <= position ? [columns.removed, columns.inserted] : [columns.inserted, columns.removed];
    const count = Math.abs(position - since);
    for (let done = 0; done < count; done += 1) {
      const row = since <= position ? since + done : since - 1 - done;
      if (columns.target[row] !== wanted) continue;
      splices.edit(columns.index[row] ?? 0, removed[row] ?? 0, inserted[row] ?? 0);
    }
    return splices;
  }

  #filesOf(standing: Standing): readonly ReplayFile[] {
    const files = sideOf(this.#tape, standing, 'files');
    const known = this.#lists.get(files);
    if (known) return known;
    const list = files.map(({ id, name, language }) => ({ id, name, language }));
    this.#lists.set(files, list);
    return list;
  }

  #runsOf(standing: Standing): readonly ReplayRun[] {
    const runs = sideOf(this.#tape, standing, 'runs').map((state): ReplayRun => {
      const { output: target, ...rest } = state;
      const output = textAt(standing, target);
      const known = this.#runs.get(state);
      if (known?.output === output) return known;
      const run = { ...rest, output };
      this.#runs.set(state, run);
      return run;
    });
    const same = runs.length === this.#runList.length && runs.every((run, at) => run === this.#runList[at]);
    if (!same) this.#runList = runs;
    return this.#runList;
  }

  #quietAt(at: number): number {
    const { quiet } = this.#tape;
    let until = 0;
    for (let index = 0; index < quiet.length && (quiet[index] ?? 0) <= at; index += 2)
      until = quiet[index + 1] ?? 0;
    return until > at ? until : 0;
  }

  #lastEdit(position: number): Moment['lastEdit'] {
    const { columns, people } = this.#tape;
    const at = lastAt(this.#edited, position - 1);
    const row = at < 0 ? -1 : (this.#edited[at] ?? -1);
    if (this.#edit.row === row) return this.#edit.edit;
    const edit =
      row < 0
        ? null
        : {
            by: people[columns.by[row] ?? -1] ?? '',
            file: this.#files[columns.target[row] ?? 0] ?? '',
            index: columns.index[row] ?? 0,
            removed: columns.removed[row] ?? 0,
            inserted: columns.inserted[row] ?? 0,
          };
    this.#edit = { row, edit };
    return edit;
  }
}

function textAt(standing: Standing, target: number | undefined): string {
  return standing.texts[target ?? -1]?.text.toString() ?? '';
}
