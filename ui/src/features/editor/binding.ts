/**
 * Binds a file's text to a Monaco model. Turning edits of one side into edits of the other is left
 * to model-mirror.ts. Here are:
 *
 * 1. Undo. Monaco's own undo ignores what others typed in between, and corrupts it. The model's
 *    undo and redo are replaced by a Y.UndoManager that tracks only this binding's edits; where
 *    Monaco ends a step, the UndoManager ends one too.
 * 2. What is not text in a text, and line ends of elsewhere. They are shown as well as can be, and
 *    whoever may write takes them out of the shared text.
 */
import * as Y from 'yjs';
import { hasReturns, mendReturns, mendText } from '../../sync/plain-text';
import { ModelMirror, type MirrorOptions } from './model-mirror';
import { UNDO_STEP_MS, UndoSteps } from './undo-steps';

export interface BindOptions extends Pick<MirrorOptions, 'monaco' | 'model' | 'text'> {
  /** Readers never write, not even to repair line ends. */
  readOnly: () => boolean;
  /** Where steps of undo end; by default this text has its own. */
  steps?: UndoSteps;
  /** Called with the place in the model just behind what undo or redo changed. */
  onUndone?: (offset: number) => void;
  composing?: MirrorOptions['composing'];
  endComposition?: MirrorOptions['endComposition'];
  keepView?: MirrorOptions['keepView'];
  /** How long to wait for somebody else to mend a line end, in milliseconds. */
  mendReturnsAfter?: () => number;
}

/** Binding keeps a model and a text equal until it is disposed. */
export interface Binding extends Pick<ModelMirror, 'toText' | 'toShown'> {
  /** Shows what was held back while a word was composed. */
  settle: () => void;
  dispose: () => void;
}

/** bindText keeps model and text equal, with its own undo. */
export function bindText(options: BindOptions): Binding {
  const { text, readOnly, mendReturnsAfter = () => 0 } = options;
  const mending = new Mending(text, readOnly, mendReturnsAfter);
  const mirror = new ModelMirror({
    composing: () => null,
    endComposition: () => undefined,
    keepView: (change) => change(),
    ...options,
    onForeign: () => mending.soon(),
  });
  const stopUndo = installUndo(options, mirror);
  return {
    settle: () => mirror.settle(),
    toText: (offset) => mirror.toText(offset),
    toShown: (index) => mirror.toShown(index),
    dispose: () => {
      mending.dispose();
      stopUndo();
      mirror.dispose();
    },
  };
}

/** Mending takes out of a text what nobody should see there, soon after it was found. */
class Mending {
  readonly #text: Y.Text;
  readonly #readOnly: () => boolean;
  readonly #wait: () => number;
  #scheduled = false;
  #disposed = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(text: Y.Text, readOnly: () => boolean, wait: () => number) {
    this.#text = text;
    this.#readOnly = readOnly;
    this.#wait = wait;
  }

  /** soon mends outside of the change that is under way. */
  soon(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      if (this.#disposed || this.#readOnly()) return;
      mendText(this.#text);
      if (hasReturns(this.#text)) this.#timer ??= setTimeout(() => this.#returns(), this.#wait());
    });
  }

  dispose(): void {
    this.#disposed = true;
    clearTimeout(this.#timer);
  }

  #returns(): void {
    this.#timer = undefined;
    if (!this.#readOnly()) mendReturns(this.#text);
  }
}

/**
 * The methods that Monaco calls for Ctrl+Z, the menu and the command palette; not part of its typed
 * API.
 */
interface UndoTarget {
  undo(): void;
  redo(): void;
  canUndo(): boolean;
  canRedo(): boolean;
  /** Where Monaco would end a step of its own undo. */
  pushStackElement(): void;
}

function installUndo(
  { model, text, steps = new UndoSteps(), onUndone }: BindOptions,
  mirror: ModelMirror,
): () => void {
  const manager = new Y.UndoManager(text, {
    trackedOrigins: new Set([mirror]),
    captureTimeout: UNDO_STEP_MS,
  });
  const showChange = (event: { changedParentTypes: Map<unknown, Y.YEvent<Y.AbstractType<unknown>>[]> }) => {
    const offset = endOfChange(event.changedParentTypes.get(text)?.[0]?.delta ?? []);
    if (offset !== null) onUndone?.(mirror.toShown(offset));
  };
  manager.on('stack-item-popped', showChange as never);
  const stopSteps = steps.add(manager);
  const target = model as unknown as UndoTarget;
  const ownStop = target.pushStackElement;
  const methods: UndoTarget = {
    undo: () => void manager.undo(),
    redo: () => void manager.redo(),
    canUndo: () => manager.canUndo(),
    canRedo: () => manager.canRedo(),
    pushStackElement: () => {
      steps.end();
      // Monaco's own elements must end too: each keystroke is merged into the open one, at a cost
      // that grows with it.
      Reflect.apply(ownStop, model, []);
    },
  };
  Object.assign(target, methods);
  return () => {
    stopSteps();
    manager.destroy();
    // Own properties hide the prototype's methods; without them Monaco is as it was.
    for (const name of Object.keys(methods)) Reflect.deleteProperty(target, name);
  };
}

/**
 * endOfChange gives the offset just behind the last thing that a delta changed; null for no change.
 */
export function endOfChange(
  delta: readonly { retain?: number; insert?: unknown; delete?: number }[],
): number | null {
  let index = 0;
  let end: number | null = null;
  for (const op of delta) {
    if (op.retain !== undefined) index += op.retain;
    else if (typeof op.insert === 'string') end = index += op.insert.length;
    else if (op.delete !== undefined) end = index;
  }
  return end;
}
