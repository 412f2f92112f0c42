import type * as Monaco from 'monaco-editor/editor';
import type { Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { MAX_SELECTIONS } from './remote-selection';
import type { ShownFile } from './shown-file';

/** How often a moving viewport is told, in milliseconds. */
const VIEW_MS = 200;

/**
 * publishCursors tells the others where this person's cursors and selections are, and which line is
 * at the top of the view. It publishes once after each complete change, until the returned function
 * is called.
 *
 * `selection` is what y-monaco reads: the first cursor. The further ones are in `selections`.
 */
export function publishCursors(
  editor: Monaco.editor.IStandaloneCodeEditor,
  awareness: Awareness,
  shown: () => ShownFile | null,
): () => void {
  let disposed = false;
  let scheduled = false;
  let viewTimer: ReturnType<typeof setTimeout> | undefined;

  const publish = () => {
    scheduled = false;
    const state = awareness.getLocalState();
    const file = shown();
    if (disposed || !state || !file || editor.getModel() !== file.model) return;
    const [selection = null, ...selections] = (editor.getSelections() ?? [])
      .slice(0, MAX_SELECTIONS)
      .map((each) => relative(each, file));
    // Typing at the end of a text does not change the position, so the count tells that there was a
    // move.
    const moves = (Number(state.moves) || 0) + 1;
    awareness.setLocalState({ ...state, file: file.id, selection, selections, moves });
  };
  const soon = () => {
    if (scheduled) return;
    scheduled = true;
    queueMicrotask(publish);
  };
  const tellView = () => {
    viewTimer = undefined;
    const view = editor.getVisibleRanges()[0]?.startLineNumber ?? 1;
    if (awareness.getLocalState()?.view !== view) awareness.setLocalStateField('view', view);
  };
  const listeners = [
    editor.onDidChangeCursorSelection(soon),
    editor.onDidChangeModel(soon),
    editor.onDidScrollChange(() => (viewTimer ??= setTimeout(tellView, VIEW_MS))),
  ];
  return () => {
    disposed = true;
    clearTimeout(viewTimer);
    for (const listener of listeners) listener.dispose();
  };
}

/** relative binds a selection to the text itself, so that it stays right when others type. */
function relative(selection: Monaco.Selection, { model, text, toText }: ShownFile) {
  const at = (lineNumber: number, column: number) =>
    Y.createRelativePositionFromTypeIndex(text, toText(model.getOffsetAt({ lineNumber, column })));
  return {
    anchor: at(selection.selectionStartLineNumber, selection.selectionStartColumn),
    head: at(selection.positionLineNumber, selection.positionColumn),
  };
}
