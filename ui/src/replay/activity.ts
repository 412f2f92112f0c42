import { BINS, type Lane, type Stretch } from './replay';

/** A stretch in which nobody does anything is idle from this length on. */
const IDLE_MS = 3_000;

/** Activity notes who did something when, to draw it and to skip the rest. */
export class Activity {
  readonly #times: number[] = [];
  readonly #by: string[] = [];

  add(t: number, by: string): number {
    this.#by.push(by);
    return this.#times.push(t) - 1;
  }

  /** Names somebody whose authorship was learnt later. */
  claim(row: number, by: string): void {
    this.#by[row] = by;
  }

  /** People in the order of their first appearance, each with how much they did in each bin. */
  lanes(span: { start: number; duration: number }, known: readonly [string, number][]): Lane[] {
    const first = new Map<string, number>();
    const see = (person: string, t: number) => {
      if (person && t < (first.get(person) ?? Infinity)) first.set(person, t);
    };
    for (const [person, t] of known) see(person, t);
    this.#by.forEach((person, row) => see(person, this.#times[row] ?? 0));
    const ordered = [...first].sort((a, b) => a[1] - b[1]).slice(0, MAX_LANES);
    const lanes = new Map(ordered.map(([person]) => [person, new Uint16Array(BINS)]));
    const width = Math.max(1, span.duration) / BINS;
    this.#times.forEach((t, row) => {
      const counts = lanes.get(this.#by[row] ?? '');
      if (!counts) return;
      const bin = Math.min(BINS - 1, Math.max(0, Math.floor((t - span.start) / width)));
      counts[bin] = Math.min(0xffff, (counts[bin] ?? 0) + 1);
    });
    return [...lanes].map(([person, counts]) => ({ person, counts }));
  }

  idle(span: { start: number; duration: number }, traced: readonly number[]): Stretch[] {
    const times = Float64Array.from([...this.#times, ...traced]).sort();
    const stretches: Stretch[] = [];
    let last = 0;
    const until = (to: number) => {
      if (to - last > IDLE_MS) stretches.push({ from: last, to });
      last = Math.max(last, to);
    };
    for (const t of times) until(Math.min(span.duration, Math.max(0, t - span.start)));
    until(span.duration);
    return stretches;
  }
}

/** So many people get a lane of their own. */
const MAX_LANES = 200;
