import { monaco } from './monaco';

/**
 * Mark is a place in the file that is shown, and what is wrong there; lines and columns count from
 * 1.
 */
export interface Mark {
  line: number;
  column: number | null;
  message: string;
}

/** Owner of these marks, so that they do not replace those of the language services. */
const OWNER = 'run';

/** The editor of the room; there is one. */
function theEditor(): monaco.editor.ICodeEditor | null {
  return monaco.editor.getEditors().at(0) ?? null;
}

/**
 * markProblems underlines the places that the last run complained about. An edit of the file
 * removes the marks, because lines may have moved. So does the returned function.
 */
export function markProblems(marks: readonly Mark[]): () => void {
  const model = theEditor()?.getModel();
  if (!model) return () => undefined;
  const clear = () => {
    if (!model.isDisposed()) monaco.editor.setModelMarkers(model, OWNER, []);
  };
  const lines = model.getLineCount();
  const inside = marks.filter(({ line }) => line >= 1 && line <= lines);
  monaco.editor.setModelMarkers(
    model,
    OWNER,
    inside.map(({ line, column, message }) => ({
      severity: monaco.MarkerSeverity.Error,
      message,
      startLineNumber: line,
      startColumn: column ?? (model.getLineFirstNonWhitespaceColumn(line) || 1),
      endLineNumber: line,
      endColumn: model.getLineMaxColumn(line),
    })),
  );
  const listening = model.onDidChangeContent(clear);
  return () => {
    listening.dispose();
    clear();
  };
}

/** revealPlace moves the cursor to a place in the file that is shown, and shows it. */
export function revealPlace(line: number, column: number): void {
  const editor = theEditor();
  if (!editor) return;
  editor.setPosition({ lineNumber: line, column });
  editor.revealLineInCenterIfOutsideViewport(line);
  editor.focus();
}
