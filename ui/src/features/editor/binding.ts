/**
 * The fence around y-monaco 0.1.6. What it does well (turning edits of one side into edits of the other) is
 * left to it; its known faults are kept out from here, each with a test:
 *
 *  1. Undo. Monaco's own undo ignores what others typed in between and corrupts it. The model's undo and redo
 *     are replaced by a Y.UndoManager that tracks only this binding's edits.
 *  2. Line ends. "\r\n" (and a byte order mark) is one unit shorter in Monaco than in the Y.Text, after which
 *     every edit lands elsewhere; and with each whole text Monaco guesses the line end anew, on Windows as CRLF.
 *     Foreign "\r" is removed from the text, and the model is set back to LF behind the binding's back.
 *  3. Presence. A malformed selection of anybody throws inside of every later update. The binding sees only
 *     checked states (remote-selection.ts), never its own, and a failure while drawing stays here.
 *  4. Cursors. It sets a single selection after each remote edit, which drops a second cursor and fights with
 *     Monaco, that moves all of them itself. It is handed an editor that ignores that.
 *  5. Selection is published in the middle of a change, from offsets that do not fit together. Published after.
 *  6. destroy() leaves a listener and the decorations behind. Both are released here.
 */
import type * as Monaco from 'monaco-editor/editor';
import { MonacoBinding } from 'y-monaco';
import type { Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { checkedSelections, type RemoteSelection } from './remote-selection';

export interface BindOptions {
  monaco: typeof Monaco;
  editor: Monaco.editor.IStandaloneCodeEditor;
  model: Monaco.editor.ITextModel;
  text: Y.Text;
  /** Root name of the text, e.g. "file:main". */
  textName: string;
  awareness: Awareness;
  /** Readers never write, not even to mend line ends. */
  readOnly: boolean;
}

/** Typing pauses longer than this start a new undo step. */
const UNDO_STEP_MS = 400;

/** Written by nobody in particular, and never undone. */
const MEND_ORIGIN = 'mend';

/** bindEditor keeps model and text equal, and shows and publishes selections, until the result is called. */
export function bindEditor(options: BindOptions): () => void {
  const { editor, model, text, readOnly } = options;
  if (!readOnly) mendLineEnds(text);
  const view = fencedEditor(editor);
  const presence = fencedAwareness(options);
  const binding = new MonacoBinding(text, model, new Set([view.facade]) as never, presence.facade as never);
  const stopUndo = installUndo(options, binding);
  const stopMending = keepEqual(options, binding);
  presence.redraw();
  return () => {
    stopMending();
    stopUndo();
    binding.destroy();
    presence.dispose();
    view.dispose();
  };
}

/**
 * mendLineEnds removes what Monaco cannot hold. Only deleting is safe when several people mend at once, so a
 * "\r" that stands alone goes too, though it may have been meant as a line end.
 */
function mendLineEnds(text: Y.Text): void {
  const found = [...text.toString().matchAll(/\r|^\uFEFF/g)].map((match) => match.index);
  if (found.length === 0) return;
  text.doc?.transact(() => {
    for (const index of found.reverse()) text.delete(index, 1);
  }, MEND_ORIGIN);
}

/**
 * keepEqual watches that both sides have the same length after each change. Where they differ the Y.Text is
 * right: foreign line ends are removed from it, and if that was not all the model is set anew. What it does to
 * either side stays hidden from the binding, which would repeat it on the other.
 */
function keepEqual(options: BindOptions, binding: MonacoBinding): () => void {
  const { monaco, model, text, editor, readOnly } = options;
  let disposed = false;
  let scheduled = false;
  const useLineFeeds = () => {
    if (model.getEOL() === '\n' || text.toString().includes('\r')) return;
    binding.mux(() => model.setEOL(monaco.editor.EndOfLineSequence.LF));
  };
  const check = () => {
    scheduled = false;
    if (disposed || model.isDisposed() || model.getValueLength() === text.length) return;
    if (!readOnly) binding.mux(() => mendLineEnds(text));
    if (model.getValueLength() === text.length) return;
    const selections = editor.getSelections();
    binding.mux(() => model.setValue(text.toString()));
    useLineFeeds();
    if (selections) editor.setSelections(selections);
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

/** The methods that Monaco calls for Ctrl+Z, the menu and the command palette; not part of its typed API. */
interface UndoTarget {
  undo(): void;
  redo(): void;
  canUndo(): boolean;
  canRedo(): boolean;
}

function installUndo({ model, text, editor }: BindOptions, binding: MonacoBinding): () => void {
  const manager = new Y.UndoManager(text, {
    trackedOrigins: new Set([binding]),
    captureTimeout: UNDO_STEP_MS,
  });
  const showChange = (event: { changedParentTypes: Map<unknown, Y.YEvent<Y.AbstractType<unknown>>[]> }) => {
    const offset = endOfChange(event.changedParentTypes.get(text)?.[0]?.delta ?? []);
    if (offset === null) return;
    const position = model.getPositionAt(offset);
    editor.setPosition(position);
    editor.revealPositionInCenterIfOutsideViewport(position);
  };
  manager.on('stack-item-popped', showChange as never);
  const target = model as unknown as UndoTarget;
  Object.assign(target, {
    undo: () => void manager.undo(),
    redo: () => void manager.redo(),
    canUndo: () => manager.canUndo(),
    canRedo: () => manager.canRedo(),
  } satisfies UndoTarget);
  return () => {
    manager.destroy();
    // Own properties hide the prototype's methods; without them Monaco is as it was.
    for (const name of ['undo', 'redo', 'canUndo', 'canRedo'] as const) Reflect.deleteProperty(target, name);
  };
}

/** endOfChange gives the offset just behind the last thing that a delta changed; null for no change. */
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

/** What y-monaco uses of an editor. */
type EditorFacade = Pick<
  Monaco.editor.IStandaloneCodeEditor,
  'getModel' | 'getSelection' | 'setSelection' | 'deltaDecorations' | 'onDidChangeCursorSelection'
>;

function fencedEditor(editor: Monaco.editor.IStandaloneCodeEditor): {
  facade: EditorFacade;
  dispose: () => void;
} {
  const listeners: Monaco.IDisposable[] = [];
  const drawn = editor.createDecorationsCollection();
  let disposed = false;
  const facade: EditorFacade = {
    getModel: () => editor.getModel(),
    getSelection: () => editor.getSelection(),
    setSelection: () => undefined,
    deltaDecorations: (_old, next) => drawn.set(next),
    onDidChangeCursorSelection: (listener) => {
      let scheduled = false;
      const disposable = editor.onDidChangeCursorSelection((event) => {
        if (scheduled) return;
        scheduled = true;
        queueMicrotask(() => {
          scheduled = false;
          if (!disposed) listener(event);
        });
      });
      listeners.push(disposable);
      return disposable;
    },
  };
  const dispose = () => {
    disposed = true;
    for (const listener of listeners) listener.dispose();
    drawn.clear();
  };
  return { facade, dispose };
}

/** What y-monaco uses of Awareness. */
interface AwarenessFacade {
  getStates(): Map<number, { selection: RemoteSelection }>;
  setLocalStateField(field: string, value: unknown): void;
  on(event: 'change', listener: () => void): void;
  off(event: 'change', listener: () => void): void;
}

function fencedAwareness(options: Pick<BindOptions, 'awareness' | 'text' | 'textName'>): {
  facade: AwarenessFacade;
  redraw: () => void;
  dispose: () => void;
} {
  const { awareness, text, textName } = options;
  const listeners = new Set<() => void>();
  const redraw = () => {
    for (const listener of listeners) {
      try {
        listener();
      } catch {
        // A cursor that cannot be drawn is no reason to stop the document.
      }
    }
  };
  awareness.on('change', redraw);
  const facade: AwarenessFacade = {
    getStates: () => checkedSelections(awareness, text, textName),
    setLocalStateField: (field, value) => awareness.setLocalStateField(field, value),
    on: (_event, listener) => void listeners.add(listener),
    off: (_event, listener) => void listeners.delete(listener),
  };
  return { facade, redraw, dispose: () => awareness.off('change', redraw) };
}
