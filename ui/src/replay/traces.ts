import type { Mark } from './replay';
import type { PersonTrace, TraceState } from './tape';
import { timeOf, type TraceLine } from './lines';

/** So many lines of the trace and so many people are kept. */
const MAX_LINES = 300_000;
const MAX_PEOPLE = 2_000;
const MAX_TEXT = 500;

const GONE: TraceState = { here: false, state: 'active', file: '', line: 0 };

interface Track {
  times: number[];
  states: TraceState[];
}

/** Somebody's connections, as far as they matter to what they typed without one. */
export interface Connected {
  joinedAt: number;
  leftAt: number;
  here: boolean;
}

/** Traces gathers what the server noted: who was where, what happened when. Times are absolute. */
export class Traces {
  readonly marks: Mark[] = [];
  readonly quiet: number[] = [];
  /** When somebody did something, by the trace. */
  readonly active: number[] = [];
  readonly people = new Map<string, Track>();
  readonly #connected = new Map<string, Connected>();
  readonly #away = new Map<string, Mark & { kind: 'away' }>();
  #quietMark: (Mark & { kind: 'quiet' }) | null = null;
  #lines = 0;

  /** Nobody was ever seen to come: the session records edits alone. */
  get empty(): boolean {
    return this.people.size === 0;
  }

  connected(person: string): Connected | undefined {
    return this.#connected.get(person);
  }

  add(line: TraceLine): void {
    this.#lines += 1;
    if (this.#lines > MAX_LINES) return;
    if (line.what !== 'idle' && line.what !== 'away') this.active.push(line.t);
    this.#stands(line);
    this.#happens(line);
  }

  finish(start: number): PersonTrace[] {
    const times = (track: Track) => Float64Array.from(track.times, (t) => Math.max(0, t - start));
    return [...this.people].map(([person, track]) => ({
      person,
      times: times(track),
      states: track.states,
    }));
  }

  #stands({ t, by, what, fields }: TraceLine): void {
    if (what === 'join') this.#set(by, t, { here: true, state: 'active' });
    else if (what === 'leave') this.#set(by, t, { here: false });
    else if (what === 'active' || what === 'back') this.#set(by, t, { state: 'active' });
    else if (what === 'idle' || what === 'away') this.#set(by, t, { state: what });
    else if (what === 'file') {
      const line = typeof fields.line === 'number' && fields.line >= 1 ? Math.floor(fields.line) : 1;
      const file = typeof fields.file === 'string' ? fields.file.slice(0, 64) : '';
      this.#set(by, t, { file, line });
    }
  }

  #set(person: string, t: number, change: Partial<TraceState>): void {
    if (!person) return;
    let track = this.people.get(person);
    if (!track) {
      if (this.people.size >= MAX_PEOPLE) return;
      this.people.set(person, (track = { times: [], states: [] }));
    }
    track.times.push(Math.max(t, track.times.at(-1) ?? 0));
    track.states.push({ ...(track.states.at(-1) ?? GONE), ...change });
  }

  #happens(line: TraceLine): void {
    const { t, by, what, fields } = line;
    const text = (key: string) => (typeof fields[key] === 'string' ? fields[key].slice(0, MAX_TEXT) : '');
    if (what === 'join' || what === 'leave') this.#connects(line, what);
    else if (what === 'start' || what === 'end') this.marks.push({ at: t, by, kind: what });
    else if (what === 'mark') this.marks.push({ at: t, by, kind: 'mark', text: text('text') });
    else if (what === 'role')
      this.marks.push({ at: t, by, kind: 'role', about: text('about'), role: text('role') });
    else if (what === 'language')
      this.marks.push({
        at: t,
        by,
        kind: 'language',
        language: text('language'),
        file: text('file') || undefined,
      });
    else if (what === 'away') {
      const since = Math.min(timeOf(fields.since) ?? t, t);
      const mark: Mark & { kind: 'away' } = { at: since, by, kind: 'away', until: Infinity };
      this.#back(by, mark.at);
      this.#away.set(by, mark);
      this.marks.push(mark);
    } else if (what === 'back') this.#back(by, t);
    else if (what === 'quiet') this.#quieten(line);
  }

  #connects({ t, by }: TraceLine, kind: 'join' | 'leave'): void {
    const was = this.#connected.get(by);
    this.marks.push({ at: t, by, kind });
    if (kind === 'leave') this.#back(by, t);
    if (kind === 'join') this.#connected.set(by, { joinedAt: t, leftAt: was?.leftAt ?? 0, here: true });
    else this.#connected.set(by, { joinedAt: was?.joinedAt ?? 0, leftAt: t, here: false });
  }

  #back(by: string, t: number): void {
    const mark = this.#away.get(by);
    if (mark) mark.until = Math.max(mark.at, t);
    this.#away.delete(by);
  }

  #quieten({ t, by, fields }: TraceLine): void {
    const until = timeOf(fields.until) ?? 0;
    this.quiet.push(t, until);
    if (this.#quietMark && this.#quietMark.until > t) this.#quietMark.until = t;
    this.#quietMark = null;
    if (until <= t) return;
    this.#quietMark = { at: t, by, kind: 'quiet', until };
    this.marks.push(this.#quietMark);
  }
}
