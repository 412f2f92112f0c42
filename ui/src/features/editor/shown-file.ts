import type * as Monaco from 'monaco-editor/editor';
import type * as Y from 'yjs';

/** ShownFile is the file that an editor shows, with the text that its model is bound to. */
export interface ShownFile {
  id: string;
  /** Root name of the text, e.g. "file:main". */
  textName: string;
  text: Y.Text;
  model: Monaco.editor.ITextModel;
  /**
   * The place in the text for one in the model, and the other way round. They differ while changes
   * of others are held back, and where the text has what a model cannot show.
   */
  toText: (offset: number) => number;
  toShown: (index: number) => number;
}
