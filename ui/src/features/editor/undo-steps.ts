import type * as Y from 'yjs';

/** Typing pauses longer than this start a new step, in milliseconds. */
export const UNDO_STEP_MS = 400;

/**
 * UndoSteps decides where a step of undo ends, for all files of one editor. By default a step ends
 * at a pause in typing, and where Monaco ends one: at a word, a move of the cursor, a command.
 */
export class UndoSteps {
  readonly #managers = new Set<Y.UndoManager>();
  #held = false;
  #byCommand = false;
  #ended = false;

  /** add includes a file's undo until the returned function is called. */
  add(manager: Y.UndoManager): () => void {
    this.#managers.add(manager);
    manager.captureTimeout = this.#held ? Infinity : UNDO_STEP_MS;
    return () => void this.#managers.delete(manager);
  }

  /** end makes the next edit begin a new step. */
  end(): void {
    if (this.#held || this.#ended) return;
    this.#stop();
    if (!this.#byCommand) return;
    this.#ended = true;
    queueMicrotask(() => (this.#ended = false));
  }

  /**
   * byCommand makes one step of all that one key does, because a command of Vim may be many edits.
   */
  byCommand(on: boolean): void {
    this.#byCommand = on;
    this.#ended = false;
  }

  /** hold makes one step of all edits until release. Call end first to keep earlier edits apart. */
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
