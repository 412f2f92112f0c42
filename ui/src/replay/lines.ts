import { isRole } from '../lib/roles';
import { ReplayError, type ReplayHeader, type ReplayPerson } from './replay';
import { replayErrors } from '../lib/texts/replay-errors';

/** The newest version of the timeline that this client reads. */
const VERSION = 1;

/** A line is dropped past this length, in UTF-16 units. */
const MAX_LINE = 96 << 20;

/** People beyond this number have no name here. */
const MAX_PEOPLE = 500;

/** An update of a document. */
export interface Entry {
  t: number;
  by: string;
  doc: string;
  base: boolean;
  update: string;
}

/** A line of the trace; its other fields are read where they are needed. */
export interface TraceLine {
  t: number;
  by: string;
  what: string;
  fields: Readonly<Record<string, unknown>>;
}

export type Line = { entry: Entry } | { trace: TraceLine } | null;

/** LineSplitter cuts a stream of bytes into lines. */
export class LineSplitter {
  readonly #decoder = new TextDecoder();
  #rest: string[] = [];
  #held = 0;
  #dropping = false;

  push(bytes: Uint8Array): string[] {
    return this.#split(this.#decoder.decode(bytes, { stream: true }));
  }

  end(): string[] {
    return this.#split(`${this.#decoder.decode()}\n`);
  }

  #split(text: string): string[] {
    const parts = text.split('\n');
    const last = parts.pop() ?? '';
    const lines: string[] = [];
    for (const part of parts) {
      const line = this.#rest.length > 0 ? [...this.#rest, part].join('') : part;
      if (!this.#dropping && line) lines.push(line);
      this.#rest = [];
      this.#held = 0;
      this.#dropping = false;
    }
    this.#held += last.length;
    this.#dropping ||= this.#held > MAX_LINE;
    if (this.#dropping) this.#rest = [];
    else if (last) this.#rest.push(last);
    return lines;
  }
}

function objectOf(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

/** Latest time that a Date can hold. */
const MAX_TIME = 8.64e15;

export function timeOf(value: unknown): number | null {
  return typeof value === 'number' && value >= 0 && value <= MAX_TIME ? value : null;
}

/** readLine gives what a line says; null when it says nothing that can be understood. */
export function readLine(line: string): Line {
  const value = objectOf(line);
  const t = timeOf(value?.t);
  if (!value || t === null) return null;
  const by = typeof value.by === 'string' ? value.by : '';
  if (value.k === 'trace')
    return typeof value.what === 'string' ? { trace: { t, by, what: value.what, fields: value } } : null;
  if (value.k !== 'base' && value.k !== 'update') return null;
  if (typeof value.doc !== 'string' || typeof value.u !== 'string') return null;
  return { entry: { t, by, doc: value.doc, base: value.k === 'base', update: value.u } };
}

/** readHeader reads the first line, and says plainly when this is no timeline. */
export function readHeader(line: string): ReplayHeader {
  const value = objectOf(line);
  if (!value || typeof value.v !== 'number') throw new ReplayError('broken', replayErrors.broken);
  if (value.v > VERSION) throw new ReplayError('newer', replayErrors.newer);
  const text = (key: string) => (typeof value[key] === 'string' ? value[key] : '');
  const record = text('record');
  return {
    session: text('session'),
    title: text('title'),
    status: text('status'),
    record: record === 'edits' || record === 'nothing' ? record : 'all',
    startedAt: Math.max(0, Date.parse(text('started_at')) || 0),
    endedAt: Math.max(0, Date.parse(text('ended_at')) || 0),
    people: readPeople(value.participants),
    private: value.private === true,
  };
}

function readPeople(value: unknown): ReplayPerson[] {
  if (!Array.isArray(value)) return [];
  const people = new Map<string, ReplayPerson>();
  for (const one of (value as unknown[]).slice(0, MAX_PEOPLE)) {
    const { id, name, role, color } = (typeof one === 'object' && one !== null ? one : {}) as Record<
      string,
      unknown
    >;
    if (typeof id !== 'string' || id === '' || people.has(id)) continue;
    people.set(id, {
      id,
      name: typeof name === 'string' ? name.slice(0, 200) : '',
      role: isRole(role) ? role : 'observer',
      // Colours go into style sheets: nothing but a plain colour gets there.
      color: typeof color === 'string' && /^#[0-9a-f]{3,8}$/i.test(color) ? color : '#868e96',
    });
  }
  return [...people.values()];
}
