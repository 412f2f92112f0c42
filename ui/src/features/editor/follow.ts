import type * as Monaco from 'monaco-editor/editor';
import type { Awareness } from 'y-protocols/awareness';
import type { Following } from '../../sync/following';
import { claimOf } from '../../sync/people-record';
import { selectionsIn } from './remote-selection';
import type { ShownFile } from './shown-file';
import { changesMode } from './vim-mode';

export interface FollowOptions {
  editor: Monaco.editor.IStandaloneCodeEditor;
  awareness: Awareness;
  following: Following;
  shown: () => ShownFile | null;
  /** Shows another file; it may take effect later, with openedFile. */
  openFile: (id: string) => void;
}

/**
 * Follower keeps the editor where a followed person is: their file, their view, their cursor. An
 * action of one's own in the editor (a key, a click, the wheel) ends it.
 */
export class Follower {
  readonly #options: FollowOptions;
  readonly #stops: (() => void)[];
  /** The last place gone to, so that presence without a move does not move the editor. */
  #last = '';
  /** The person to go to once their file is shown. */
  #jump: string | null = null;

  constructor(options: FollowOptions) {
    this.#options = options;
    const { editor, awareness, following } = options;
    const node = editor.getContainerDomNode();
    const own = () => following.stop();
    const events = ['wheel', 'pointerdown', 'touchmove'] as const;
    for (const event of events) node.addEventListener(event, own, { passive: true, capture: true });
    const keys = editor.onKeyDown(({ browserEvent }) => {
      if (!['Shift', 'Control', 'Alt', 'Meta'].includes(browserEvent.key) && !changesMode(browserEvent))
        own();
    });
    awareness.on('change', this.#go);
    const start = following.subscribe(() => {
      this.#last = '';
      this.#go();
    });
    const jumps = following.onJump((id) => {
      this.#jump = id;
      this.openedFile();
    });
    this.#stops = [
      () => events.forEach((event) => node.removeEventListener(event, own, { capture: true })),
      () => keys.dispose(),
      () => awareness.off('change', this.#go),
      start,
      jumps,
    ];
  }

  /** openedFile continues when the followed person's file is shown. */
  openedFile(): void {
    this.#last = '';
    this.#go();
    const state = this.#jump === null ? null : this.#stateOf(this.#jump);
    if (!state || !this.#isHere(state)) return;
    this.#jump = null;
    const head = this.#headOf(state);
    if (head) this.#options.editor.revealPositionInCenter(head);
  }

  dispose(): void {
    for (const stop of this.#stops) stop();
  }

  readonly #go = (): void => {
    const id = this.#options.following.getSnapshot();
    const state = id === null ? null : this.#stateOf(id);
    if (!state || !this.#isHere(state)) return;
    const head = this.#headOf(state);
    const place = JSON.stringify([state.view, head]);
    if (place === this.#last) return;
    this.#last = place;
    const { editor } = this.#options;
    const { view } = state;
    if (typeof view === 'number' && Number.isInteger(view) && view > 0) {
      const lines = editor.getModel()?.getLineCount() ?? 1;
      editor.setScrollTop(editor.getTopForLineNumber(Math.min(view, lines)));
    }
    if (head) editor.revealPositionInCenterIfOutsideViewport(head);
  };

  /** isHere also opens the followed person's file when another file is shown. */
  #isHere(state: Record<string, unknown>): boolean {
    const here = this.#options.shown()?.id;
    if (typeof state.file !== 'string' || state.file === here) return true;
    this.#options.openFile(state.file);
    return this.#options.shown()?.id === state.file;
  }

  #headOf(state: unknown): Monaco.Position | null {
    const file = this.#options.shown();
    const head = file && selectionsIn(state, file.text, file.textName)[0]?.head;
    return typeof head === 'number' && file ? file.model.getPositionAt(file.toShown(head)) : null;
  }

  /** A person may have several tabs. The tab that moved last counts. */
  #stateOf(id: string): Record<string, unknown> | null {
    const { awareness } = this.#options;
    const theirs = [...awareness.getStates()].filter(
      ([clientId, state]) => clientId !== awareness.clientID && claimOf(state)?.id === id,
    );
    const moved = ([clientId]: [number, unknown]) => awareness.meta.get(clientId)?.lastUpdated ?? 0;
    theirs.sort((a, b) => moved(b) - moved(a));
    return theirs[0]?.[1] ?? null;
  }
}
