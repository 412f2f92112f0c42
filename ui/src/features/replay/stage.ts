import { Value } from '../../lib/readable';
import type { Moment } from '../../replay/replay';
import type { Playback } from './playback';

/** EVERYBODY follows whoever types; NOBODY leaves the editor to the person who watches. */
export const EVERYBODY = '*';
export const NOBODY = '';

/** Place is what the editor should bring into view. */
export type Place = { index: number } | { line: number } | null;

/** Stage knows which file is shown, and whom it follows. */
export class Stage {
  readonly file = new Value('');
  /** A participant's id, EVERYBODY or NOBODY. */
  readonly follow = new Value<string>(EVERYBODY);
  readonly #playback: Playback;
  readonly #stop: () => void;
  #edit: Moment['lastEdit'] = null;

  constructor(playback: Playback) {
    this.#playback = playback;
    this.#stop = playback.moment.subscribe(() => this.#update());
    this.#update();
  }

  /** open shows a file that a person chose, and so follows nobody any more. */
  open(file: string): void {
    this.follow.set(NOBODY);
    this.file.set(file);
  }

  followOnly(who: string): void {
    this.follow.set(who);
    this.#edit = null;
    this.#update();
  }

  /** followNext goes through everybody, each person, nobody. */
  followNext(people: readonly string[]): void {
    const choices = [EVERYBODY, ...people, NOBODY];
    const at = choices.indexOf(this.follow.getSnapshot());
    this.followOnly(choices[(at + 1) % choices.length] ?? EVERYBODY);
  }

  /** place is where the followed person is in the shown file. */
  place(): Place {
    const { lastEdit, people } = this.#playback.moment.getSnapshot();
    const file = this.file.getSnapshot();
    const who = this.follow.getSnapshot();
    if (who === NOBODY) return null;
    if (who === EVERYBODY) {
      return lastEdit?.file === file ? { index: lastEdit.index + lastEdit.inserted } : null;
    }
    const person = people.find(({ id }) => id === who);
    if (person?.caret?.file === file) return { index: person.caret.index };
    return person?.file === file && person.line > 0 ? { line: person.line } : null;
  }

  dispose(): void {
    this.#stop();
  }

  #update(): void {
    const moment = this.#playback.moment.getSnapshot();
    const wanted = this.#wanted(moment);
    const there = (id: string) => moment.files.some((file) => file.id === id);
    const now = this.file.getSnapshot();
    if (wanted && there(wanted)) this.file.set(wanted);
    else if (!there(now)) this.file.set(moment.files[0]?.id ?? '');
  }

  #wanted({ lastEdit, people }: Moment): string | null {
    const who = this.follow.getSnapshot();
    if (who === NOBODY) return null;
    if (who === EVERYBODY) {
      if (lastEdit === this.#edit) return null;
      this.#edit = lastEdit;
      return lastEdit?.file ?? null;
    }
    const person = people.find(({ id }) => id === who);
    return person?.file || person?.caret?.file || null;
  }
}
