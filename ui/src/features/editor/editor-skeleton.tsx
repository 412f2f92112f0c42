import { TEXTS } from '../../lib/texts';
import './editor-skeleton.css';

/** Widths of the bars, in per cent: the look of a page of code. */
const LINES = [34, 52, 46, 0, 28, 61, 57, 40, 18];

/** EditorSkeleton stands where the editor will, while it loads. */
export function EditorSkeleton() {
  return (
    <div className="editor-skeleton" role="status" aria-label={TEXTS.room.editorLoading}>
      {LINES.map((width, line) => (
        <div key={line} className="editor-skeleton-line">
          <span className="editor-skeleton-number">{line + 1}</span>
          <span className="editor-skeleton-bar" style={{ width: `${width}%` }} />
        </div>
      ))}
    </div>
  );
}
