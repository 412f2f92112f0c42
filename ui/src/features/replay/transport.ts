import type { Stretch } from '../../replay/replay';

export const SPEEDS = [1, 2, 4, 8, 16] as const;
export type Speed = (typeof SPEEDS)[number];

/** So much of a pause is played at its beginning and at its end, so that one sees what stands. */
const KEPT_MS = 700;

/** A frame that took longer, in a tab that was hidden, counts as this long. */
const MAX_FRAME_MS = 250;

/** Transport knows where the replay stands and how it moves on. It has no clock of its own. */
export class Transport {
  readonly duration: number;
  readonly #idle: readonly Stretch[];
  #at = 0;
  #playing = false;
  speed: Speed = 1;
  skipIdle = true;

  constructor(duration: number, idle: readonly Stretch[]) {
    this.duration = Math.max(0, duration);
    this.#idle = idle;
  }

  get at(): number {
    return this.#at;
  }

  get playing(): boolean {
    return this.#playing;
  }

  /** play begins again from the start when the end is reached. */
  play(): void {
    if (this.#at >= this.duration) this.#at = 0;
    this.#playing = this.duration > 0;
  }

  pause(): void {
    this.#playing = false;
  }

  seek(at: number): void {
    this.#at = Math.min(this.duration, Math.max(0, Number.isFinite(at) ? at : 0));
  }

  /** tick moves on by what passed on the wall, and gives the new moment. */
  tick(elapsedMs: number): number {
    if (!this.#playing) return this.#at;
    this.#advance(Math.min(MAX_FRAME_MS, Math.max(0, elapsedMs)) * this.speed);
    if (this.#at >= this.duration) this.#playing = false;
    return this.#at;
  }

  #advance(ms: number): void {
    let left = ms;
    for (const { from, to } of this.skipIdle ? this.#idle : []) {
      const [jump, landing] = [from + KEPT_MS, to - KEPT_MS];
      if (landing <= jump || landing <= this.#at) continue;
      const before = jump - this.#at;
      if (before > left) break;
      left -= Math.max(0, before);
      this.#at = landing;
    }
    this.#at = Math.min(this.duration, this.#at + left);
  }
}
