import type * as Y from 'yjs';
import { Derived, type Readable } from '../lib/readable';

/**
 * Timer is the timer that everybody in a session sees. Times are milliseconds; `at` is by the
 * server's clock.
 */
export interface Timer {
  /** Where it counts down from; 0: it counts up. */
  length: number;
  /** When it was started; null: it stands. */
  at: number | null;
  /** What it had counted before `at`. */
  before: number;
}

/** Longest time that is shown: no face has room for more. */
const MAX_SHOWN_MS = 100 * 3600_000 - 1;

/** Longest timer, in milliseconds. */
const MAX_TIMER_MS = 24 * 3600_000;

const KEY = 'timer';

/** countedOf is how long the timer has been running in all. */
function countedOf(timer: Timer, now: number): number {
  return timer.before + (timer.at === null ? 0 : Math.max(0, now - timer.at));
}

/** shownOf is what the timer shows: the time left, negative when it is over, or the time passed. */
export function shownOf(timer: Timer, now: number): number {
  const counted = Math.min(countedOf(timer, now), MAX_SHOWN_MS);
  return timer.length > 0 ? timer.length - counted : counted;
}

/** readTimer gives the timer, null when there is none. Others may have written anything. */
export function readTimer(doc: Y.Doc): Timer | null {
  const value: unknown = doc.getMap('meta').get(KEY);
  if (typeof value !== 'object' || value === null) return null;
  const { length, at, before } = value as Record<string, unknown>;
  const isTime = (n: unknown, max: number): n is number => typeof n === 'number' && n >= 0 && n <= max;
  if (!isTime(length, MAX_TIMER_MS) || !isTime(before, Number.MAX_SAFE_INTEGER)) return null;
  if (at !== null && !isTime(at, Number.MAX_SAFE_INTEGER)) return null;
  return { length, at, before };
}

/**
 * setTimer writes the timer as one value, so that of two people who press at once one wins
 * completely. null removes the timer.
 */
export function setTimer(doc: Y.Doc, timer: Timer | null): void {
  const meta = doc.getMap('meta');
  if (timer) meta.set(KEY, { ...timer });
  else meta.delete(KEY);
}

export function startedTimer(length: number, now: number): Timer {
  return { length: Math.min(Math.max(0, length), MAX_TIMER_MS), at: now, before: 0 };
}

export function pausedTimer(timer: Timer, now: number): Timer {
  return { ...timer, at: null, before: countedOf(timer, now) };
}

export function resumedTimer(timer: Timer, now: number): Timer {
  return timer.at === null ? { ...timer, at: now } : timer;
}

/** SharedTimer follows the timer of a document. */
export class SharedTimer implements Readable<Timer | null> {
  readonly #doc: Y.Doc;
  readonly #value: Derived<Timer | null>;
  readonly subscribe: Readable<Timer | null>['subscribe'];
  readonly getSnapshot: Readable<Timer | null>['getSnapshot'];

  constructor(doc: Y.Doc) {
    this.#doc = doc;
    this.#value = new Derived<Timer | null>((before) => {
      const next = readTimer(doc);
      return JSON.stringify(next) === JSON.stringify(before) ? before : next;
    });
    this.subscribe = this.#value.subscribe;
    this.getSnapshot = this.#value.getSnapshot;
    doc.getMap('meta').observe(this.#value.changed);
  }

  dispose(): void {
    this.#doc.getMap('meta').unobserve(this.#value.changed);
    this.#value.dispose();
  }
}
