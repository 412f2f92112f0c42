import type * as Y from 'yjs';

/** Typing pauses longer than this start a new step, in milliseconds. */
export const UNDO_STEP_MS = 400;

/**
 * UndoSteps says where a step of undo ends and the next begins, for all files of one editor. Of its
 * own it goes by pauses in typing, and by the stops that Monaco sets: at a word, a move of the
 * cursor, a command.
 */
export class UndoSteps {
  readonly #managers = new Set<Y.UndoManager>();
  #held = false;
  #byCommand = false;
  #ended = false;

  /** add has the steps of a file end here too, until the result is called. */
  add(manager: Y.UndoManager): () => void {
    this.#managers.add(manager);
    manager.captureTimeout = this.#held ? Infinity : UNDO_STEP_MS;
    return () => void this.#managers.delete(manager);
  }

  /** end makes what comes next a step of its own. */
  end(): void {
    if (this.#held || this.#ended) return;
    this.#stop();
    if (!this.#byCommand) return;
    this.#ended = true;
    queueMicrotask(() => (this.#ended = false));
  }

  /**
   * byCommand makes all that one key does one step, however many stops are set in the meantime: a
   * command of Vim may be many edits.
   */
  byCommand(on: boolean): void {
    this.#byCommand = on;
    this.#ended = false;
  }

  /**
   * hold makes one step of all that comes until release, however long it takes. What was before
   * stays apart only by end.
   */
  hold(): void {
    this.#held = true;
    for (const manager of this.#managers) manager.captureTimeout = Infinity;
  }

  release(): void {
    this.#held = false;
    for (const manager of this.#managers) manager.captureTimeout = UNDO_STEP_MS;
    this.#stop();
  }

  #stop(): void {
    for (const manager of this.#managers) manager.stopCapturing();
  }
}
