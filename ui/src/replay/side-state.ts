import * as Y from 'yjs';
import { readFiles } from '../sync/files';
import { readTests } from '../sync/tests';
import { readTimer } from '../sync/timer';
import type { RunState, SideState } from './tape';

/** A replay shows this many of the newest runs; an honest document holds 20. */
const MAX_SHOWN_RUNS = 40;

/**
 * Reading one kind of state costs its size. A document that makes this dearer than any honest one
 * is not read to its end.
 */
const MAX_WORK = 20_000_000;

const ROOTS: Readonly<Record<string, keyof SideState>> = {
  files: 'files',
  runs: 'runs',
  tests: 'tests',
  meta: 'timer',
};

/** Which text of the tape is the output of a run, and when its entry came. */
export interface RunFacts {
  output(map: Y.Map<unknown>): number;
  startedAt(map: Y.Map<unknown>): number;
}

/** SideReader reads the small state of a document anew when a transaction changed it. */
export class SideReader {
  readonly #doc: Y.Doc;
  readonly #facts: RunFacts;
  readonly #work: Record<keyof SideState, number> = { files: 0, runs: 0, tests: 0, timer: 0 };
  readonly #roots: ReadonlyMap<unknown, keyof SideState>;

  constructor(doc: Y.Doc, facts: RunFacts) {
    this.#doc = doc;
    this.#facts = facts;
    this.#roots = new Map(
      Object.entries(ROOTS).map(([name, key]) => {
        const isList = name === 'runs' || name === 'tests';
        return [isList ? doc.getArray(name) : doc.getMap(name), key] as const;
      }),
    );
  }

  /** Which kinds a transaction may have changed. */
  touched(tr: Y.Transaction): Set<keyof SideState> {
    const keys = new Set<keyof SideState>();
    for (const type of tr.changed.keys()) {
      const key = this.#keyOf(type as Y.AbstractType<unknown>);
      if (key) keys.add(key);
    }
    return keys;
  }

  /** The state as it stands; undefined when reading it has become too much work. */
  read(key: keyof SideState): SideState[keyof SideState] | undefined {
    const doc = this.#doc;
    this.#work[key] += 10 + this.#size(key);
    if (this.#work[key] > MAX_WORK) return undefined;
    if (key === 'files') return readFiles(doc);
    if (key === 'tests') return readTests(doc);
    if (key === 'timer') return readTimer(doc);
    return this.#runs();
  }

  #size(key: keyof SideState): number {
    if (key === 'files') return 10 * this.#doc.getMap('files')._map.size;
    if (key === 'tests') return 10 * this.#doc.getArray('tests').length;
    return key === 'runs' ? this.#doc.getArray('runs').length : 1;
  }

  #keyOf(type: Y.AbstractType<unknown>): keyof SideState | null {
    let at = type;
    for (let depth = 0; depth < 4; depth += 1) {
      const found = this.#roots.get(at);
      // The output of a run is a text of its own.
      if (found) return found === 'runs' && type._item?.parentSub === 'output' ? null : found;
      const parent = at._item?.parent;
      if (!(parent instanceof Y.AbstractType)) return null;
      at = parent as Y.AbstractType<unknown>;
    }
    return null;
  }

  #runs(): RunState[] {
    const runs = this.#doc.getArray<unknown>('runs');
    const shown = runs.slice(Math.max(0, runs.length - MAX_SHOWN_RUNS));
    return shown.flatMap((map) => (map instanceof Y.Map ? (this.#run(map as Y.Map<unknown>) ?? []) : []));
  }

  #run(map: Y.Map<unknown>): RunState | null {
    const text = (key: string) => {
      const value = map.get(key);
      return typeof value === 'string' ? value.slice(0, 200) : '';
    };
    if (!text('id')) return null;
    const duration = map.get('durationMs');
    const status = text('status');
    return {
      id: text('id'),
      by: text('by'),
      file: text('file'),
      language: text('language'),
      startedAt: this.#facts.startedAt(map),
      durationMs: typeof duration === 'number' && duration >= 0 ? duration : 0,
      status: /^(running|ok|error|stopped|timeout)$/.test(status) ? status : 'error',
      output: this.#facts.output(map),
    };
  }
}

export function sameSide(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
