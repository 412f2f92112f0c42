import { Value } from '../../lib/readable';
import type { ChangedRange, Mark, Moment, Player } from '../../replay/replay';
import { SPEEDS, Transport, type Speed } from './transport';

/** How the replay moves and is shown. */
export interface PlaybackState {
  playing: boolean;
  speed: Speed;
  skipIdle: boolean;
}

/** With reduced motion what is shown moves on this often. */
const CALM_MS = 1_000;

const NOTHING: readonly ChangedRange[] = [];

/** Playback joins the player with the clock of the page. It lives outside of React. */
export class Playback {
  readonly player: Player;
  readonly moment: Value<Moment>;
  readonly state: Value<PlaybackState>;
  /** What is new since the pause before; empty while it plays. */
  readonly changed = new Value<readonly ChangedRange[]>(NOTHING);
  readonly #transport: Transport;
  readonly #calm = window.matchMedia('(prefers-reduced-motion: reduce)');
  #frame = 0;
  #last = 0;
  #shown = 0;
  /** Where it was paused last, and what "new" is measured from. Before it moves it is paused. */
  #stood: number | null = null;
  #since: number | null = null;
  #showChanged = false;

  constructor(player: Player) {
    this.player = player;
    const { duration, idle } = player.replay;
    this.#transport = new Transport(duration, idle);
    this.moment = new Value(player.now());
    this.#transport.seek(player.now().at);
    this.state = new Value<PlaybackState>({ playing: false, speed: 1, skipIdle: true });
  }

  get at(): number {
    return this.#transport.at;
  }

  get duration(): number {
    return this.#transport.duration;
  }

  play(): void {
    this.#stood ??= this.at;
    this.#transport.play();
    this.#publish();
    this.#last = performance.now();
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(this.#tick);
    this.#noteChanged();
  }

  pause(): void {
    cancelAnimationFrame(this.#frame);
    this.#transport.pause();
    this.moment.set(this.player.seek(this.at));
    this.#since = this.#stood;
    this.#stood = this.at;
    this.#publish();
    this.#noteChanged();
  }

  toggle(): void {
    if (this.#transport.playing) this.pause();
    else this.play();
  }

  seek(at: number): void {
    this.#transport.seek(at);
    this.#show(this.player.seek(this.#transport.at));
  }

  seekBy(ms: number): void {
    this.seek(this.at + ms);
  }

  /** step walks by single edits, and stops playing. */
  step(by: number): void {
    if (this.#transport.playing) this.pause();
    this.#stood ??= this.at;
    const moment = this.player.step(by);
    this.#transport.seek(moment.at);
    this.#show(moment);
  }

  /** toMark goes to the next mark in a direction that fits. */
  toMark(direction: 1 | -1, fits: (mark: Mark) => boolean = () => true): void {
    const marks = this.player.replay.marks.filter(fits);
    const here = this.at;
    const next =
      direction > 0
        ? marks.find(({ at }) => at > here + 1)
        : marks.findLast(({ at }) => at < here - (this.#transport.playing ? 1_000 : 1));
    if (next) this.seek(next.at);
  }

  setSpeed(speed: number): void {
    const known = SPEEDS.find((one) => one === speed);
    if (known) this.#transport.speed = known;
    this.#publish();
  }

  setSkipIdle(skip: boolean): void {
    this.#transport.skipIdle = skip;
    this.#publish();
  }

  setShowChanged(show: boolean): void {
    this.#showChanged = show;
    this.#noteChanged();
  }

  dispose(): void {
    cancelAnimationFrame(this.#frame);
    this.#transport.pause();
  }

  readonly #tick = (now: number): void => {
    const at = this.#transport.tick(now - this.#last);
    this.#last = now;
    if (!this.#calm.matches || now - this.#shown >= CALM_MS || !this.#transport.playing) {
      this.#shown = now;
      this.moment.set(this.player.seek(at));
    }
    if (this.#transport.playing) this.#frame = requestAnimationFrame(this.#tick);
    else this.pause();
  };

  #publish(): void {
    const { playing, speed, skipIdle } = this.#transport;
    const now = this.state.getSnapshot();
    if (now.playing === playing && now.speed === speed && now.skipIdle === skipIdle) return;
    this.state.set({ playing, speed, skipIdle });
  }

  #show(moment: Moment): void {
    if (this.#stood !== null) this.#since = this.#stood;
    this.moment.set(moment);
    this.#noteChanged();
  }

  #noteChanged(): void {
    const since = this.#since;
    const wanted = this.#showChanged && !this.#transport.playing && since !== null && this.at > since;
    this.changed.set(wanted ? this.player.changedSince(since) : NOTHING);
  }
}
