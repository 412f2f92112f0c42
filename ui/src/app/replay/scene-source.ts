import type { ReplayScene } from '../../features/editor/replay-scene';
import type { PeopleShown } from '../../features/replay/people-shown';
import type { Playback } from '../../features/replay/playback';
import type { Stage } from '../../features/replay/stage';
import { Value } from '../../lib/readable';
import type { Moment } from '../../replay/replay';

/** Somebody's name stands at their caret so long after an edit. */
const TYPING_MS = 2_000;

/** SceneSource turns moments into what the editor draws. It lives outside of React. */
export class SceneSource {
  readonly scene = new Value<ReplayScene | null>(null);
  readonly #playback: Playback;
  readonly #stage: Stage;
  readonly #people: PeopleShown;
  readonly #stops: (() => void)[];
  #edit: Moment['lastEdit'] = null;
  #fresh: ReplayScene['fresh'] = null;

  constructor(playback: Playback, stage: Stage, people: PeopleShown) {
    this.#playback = playback;
    this.#stage = stage;
    this.#people = people;
    this.#edit = playback.moment.getSnapshot().lastEdit;
    const update = () => this.#update();
    this.#stops = [playback.moment, playback.changed, stage.file, stage.follow].map((source) =>
      source.subscribe(update),
    );
    update();
  }

  dispose(): void {
    for (const stop of this.#stops) stop();
  }

  #update(): void {
    const moment = this.#playback.moment.getSnapshot();
    const shown = this.#stage.file.getSnapshot();
    const file = moment.files.find(({ id }) => id === shown);
    if (!file) return this.scene.set(null);
    this.#noteFresh(moment);
    this.scene.set({
      file,
      position: moment.position,
      length: moment.length(file.id),
      text: () => moment.text(file.id),
      splices: (since) => moment.splices(file.id, since),
      carets: this.#carets(moment, file.id),
      fresh: moment.lastEdit?.file === file.id ? this.#fresh : null,
      changed: this.#playback.changed.getSnapshot().filter((range) => range.file === file.id),
      place: this.#stage.place(),
    });
  }

  /** An edit of more than a line that came with this moment. */
  #noteFresh(moment: Moment): void {
    const { lastEdit } = moment;
    if (lastEdit === this.#edit) return;
    this.#edit = lastEdit;
    this.#fresh = null;
    if (!lastEdit) return;
    const [from, to] = [lastEdit.index, lastEdit.index + lastEdit.inserted];
    if (moment.slice(lastEdit.file, from, to).trim().includes('\n')) this.#fresh = { from, to };
  }

  #carets(moment: Moment, file: string): ReplayScene['carets'] {
    const { lastEdit } = moment;
    const since = moment.at - this.#playback.player.timeOf(moment.step);
    return moment.people.flatMap(({ id, here, caret }) => {
      const number = this.#people.all.findIndex((person) => person.id === id);
      if (!caret || caret.file !== file || number < 0 || (!here && lastEdit?.by !== id)) return [];
      const typing = lastEdit?.by === id && since < TYPING_MS;
      return {
        number,
        index: caret.index,
        typing,
        name: this.#people.name(id),
        color: this.#people.color(id),
      };
    });
  }
}
