/**
 * The fence around y-monaco 0.1.6. Turning edits of one side into edits of the other is left to
 * y-monaco. Its known faults are kept out from here, each with a test:
 *
 * 1. Undo. Monaco's own undo ignores what others typed in between, and corrupts it. The model's
 *    undo and redo are replaced by a Y.UndoManager that tracks only this binding's edits; where
 *    Monaco ends a step, the UndoManager ends one too.
 * 2. Line ends. "\r\n" (and a byte order mark) is one unit shorter in Monaco than in the Y.Text, so
 *    that every edit after it lands elsewhere. And with each whole text Monaco guesses the line end
 *    anew, on Windows as CRLF. So foreign "\r" is removed from the text, and the model is set back
 *    to LF without the binding's knowledge.
 * 3. Presence. A malformed selection of anybody throws inside of every later update. Only one
 *    selection is shared, and it is published in the middle of a change, from offsets that do not
 *    fit together. A second cursor is dropped after each remote edit; listeners and decorations
 *    stay behind. So y-monaco is given no editor and no presence at all: remote-cursors.ts and
 *    own-cursors.ts do that part.
 */
import type * as Monaco from 'monaco-editor/editor';
import { MonacoBinding } from 'y-monaco';
import * as Y from 'yjs';
import { UNDO_STEP_MS, UndoSteps } from './undo-steps';

export interface BindOptions {
  monaco: typeof Monaco;
  model: Monaco.editor.ITextModel;
  text: Y.Text;
  /** Readers never write, not even to repair line ends. */
  readOnly: () => boolean;
  /** Where steps of undo end; by default this text has its own. */
  steps?: UndoSteps;
  /** Called with the offset just behind what undo or redo changed. */
  onUndone?: (offset: number) => void;
  /** Runs a replacement of the whole text in a way that keeps cursors where they are. */
  keepCursors?: (replace: () => void) => void;
}

/** Origin of changes that belong to nobody and are never undone. */
const MEND_ORIGIN = 'mend';

/**
 * bindText keeps model and text equal, with its own undo, until the returned function is called.
 */
export function bindText(options: BindOptions): () => void {
  const { model, text, readOnly } = options;
  if (!readOnly()) mendLineEnds(text);
  const binding = new MonacoBinding(text, model);
  const stopUndo = installUndo(options, binding);
  const stopMending = keepEqual(options, binding);
  return () => {
    stopMending();
    stopUndo();
    binding.destroy();
  };
}

/**
 * mendLineEnds removes line ends that Monaco cannot hold. Several people may do so at once, and
 * then only deleting is safe. So a lone "\r" is deleted too, although it may have been meant as a
 * line end.
 */
function mendLineEnds(text: Y.Text): void {
  const found = [...text.toString().matchAll(/\r|^\uFEFF/g)].map((match) => match.index);
  if (found.length === 0) return;
  text.doc?.transact(() => {
    for (const index of found.reverse()) text.delete(index, 1);
  }, MEND_ORIGIN);
}

/**
 * keepEqual checks after each change that both sides have the same length. Where they differ, the
 * Y.Text is right: foreign line ends are removed from it, and if that is not enough the model is
 * set again. The binding does not see these corrections, because it would repeat them on the other
 * side.
 */
function keepEqual(options: BindOptions, binding: MonacoBinding): () => void {
  const { monaco, model, text, readOnly, keepCursors = (replace) => replace() } = options;
  let disposed = false;
  let scheduled = false;
  const useLineFeeds = () => {
    if (model.getEOL() === '\n' || text.toString().includes('\r')) return;
    binding.mux(() => model.setEOL(monaco.editor.EndOfLineSequence.LF));
  };
  const check = () => {
    scheduled = false;
    if (disposed || model.isDisposed() || model.getValueLength() === text.length) return;
    if (!readOnly()) binding.mux(() => mendLineEnds(text));
    if (model.getValueLength() === text.length) return;
    keepCursors(() => {
      binding.mux(() => model.setValue(text.toString()));
      useLineFeeds();
    });
  };
  const observe = () => {
    if (scheduled) return;
    scheduled = true;
    queueMicrotask(check);
  };
  text.observe(observe);
  useLineFeeds();
  observe();
  return () => {
    disposed = true;
    text.unobserve(observe);
  };
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
  binding: MonacoBinding,
): () => void {
  const manager = new Y.UndoManager(text, {
    trackedOrigins: new Set([binding]),
    captureTimeout: UNDO_STEP_MS,
  });
  const showChange = (event: { changedParentTypes: Map<unknown, Y.YEvent<Y.AbstractType<unknown>>[]> }) => {
    const offset = endOfChange(event.changedParentTypes.get(text)?.[0]?.delta ?? []);
    if (offset !== null) onUndone?.(offset);
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
