import type * as Monaco from 'monaco-editor/editor';

/**
 * keepingView makes a change of others without moving what the person reads: the line at the top of
 * the view stays where it is, also when lines come or go above it.
 */
export function keepingView(editor: Monaco.editor.IStandaloneCodeEditor, change: () => void): void {
  const model = editor.getModel();
  const top = editor.getScrollTop();
  const line = editor.getVisibleRanges()[0]?.startLineNumber ?? 1;
  if (!model || top === 0 || line === 1) return change();
  const offset = top - editor.getTopForLineNumber(line);
  // A decoration is where its text is after a change. The end of the line moves with the line, and
  // not with what is put in front of it.
  const column = model.getLineMaxColumn(line);
  const range = { startLineNumber: line, startColumn: column, endLineNumber: line, endColumn: column };
  const [mark = ''] = model.deltaDecorations([], [{ range, options: {} }]);
  change();
  const now = model.getDecorationRange(mark)?.startLineNumber ?? line;
  model.deltaDecorations([mark], []);
  if (now !== line) editor.setScrollTop(editor.getTopForLineNumber(now) + offset);
}
