import type * as Monaco from 'monaco-editor/editor';
import type { Awareness } from 'y-protocols/awareness';
import type * as Y from 'yjs';
import { checkedSelections, type TextSelection } from './remote-selection';
import type { ShownFile } from './shown-file';

/** Runs a drawing at the next good moment. The returned function cancels it. */
type Schedule = (draw: () => void) => () => void;

const nextFrame: Schedule = (draw) => {
  const id = requestAnimationFrame(draw);
  return () => cancelAnimationFrame(id);
};

export interface CursorOptions {
  monaco: typeof Monaco;
  editor: Monaco.editor.IStandaloneCodeEditor;
  awareness: Awareness;
  shown: () => ShownFile | null;
  /** Given in tests. */
  schedule?: Schedule;
}

/**
 * drawCursors shows where the others are in the shown file: each of their selections, and a caret
 * with their name at its head. It draws once a frame, however many people type, until the returned
 * function is called.
 */
export function drawCursors({
  monaco,
  editor,
  awareness,
  shown,
  schedule = nextFrame,
}: CursorOptions): () => void {
  const drawn = editor.createDecorationsCollection();
  let cancel: (() => void) | null = null;
  let observed: Y.Text | null = null;

  const draw = () => {
    cancel = null;
    const file = shown();
    if (!file || file.model.isDisposed() || editor.getModel() !== file.model) return drawn.clear();
    const ownLine = editor.getPosition()?.lineNumber ?? 0;
    const all = checkedSelections(awareness, file.text, file.textName);
    const decorate = decorator(monaco, file, ownLine);
    drawn.set(
      [...all].flatMap(([clientId, selections]) => selections.map((s, i) => decorate(clientId, s, i))),
    );
  };
  const soon = () => (cancel ??= schedule(draw));
  const observe = () => {
    observed?.unobserve(soon);
    observed = shown()?.text ?? null;
    observed?.observe(soon);
    soon();
  };
  const listeners = [
    editor.onDidChangeModel(observe),
    editor.onDidChangeCursorPosition(soon),
    // A change that was held back comes into the model later than into the text.
    editor.onDidChangeModelContent(soon),
  ];
  awareness.on('change', soon);
  observe();
  return () => {
    cancel?.();
    observed?.unobserve(soon);
    awareness.off('change', soon);
    for (const listener of listeners) listener.dispose();
    drawn.clear();
  };
}

/**
 * The class names tell the style sheet whose cursor it is. A client id is a number, so no other
 * text gets in.
 */
function decorator(monaco: typeof Monaco, { model, toShown }: ShownFile, ownLine: number) {
  return (
    clientId: number,
    { anchor, head }: TextSelection,
    index: number,
  ): Monaco.editor.IModelDeltaDecoration => {
    const backwards = head < anchor;
    const [from, to] = backwards ? [head, anchor] : [anchor, head];
    const start = model.getPositionAt(toShown(from));
    const end = model.getPositionAt(toShown(to));
    const headLine = (backwards ? start : end).lineNumber;
    const classes = ['yRemoteSelectionHead', `yRemoteSelectionHead-${clientId}`];
    // The name stands above the caret, but not over the line that this person types in.
    if (headLine === ownLine + 1) classes.push('yRemoteFlagBelow');
    // One name is enough for all carets of a person.
    if (index > 0) classes.push('yRemoteNoFlag');
    return {
      range: monaco.Range.fromPositions(start, end),
      options: {
        className: `yRemoteSelection yRemoteSelection-${clientId}`,
        beforeContentClassName: backwards ? classes.join(' ') : null,
        afterContentClassName: backwards ? null : classes.join(' '),
        stickiness: monaco.editor.TrackedRangeStickiness.NeverGrowsWhenTypingAtEdges,
      },
    };
  };
}
