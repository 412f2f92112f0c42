import type * as Monaco from 'monaco-editor/editor';
import type * as Y from 'yjs';
import { fileText, type FileInfo } from '../../sync/files';
import { bindText, type Binding } from './binding';
import { keepingView } from './keep-view';
import type { ShownFile } from './shown-file';
import type { UndoSteps } from './undo-steps';

/**
 * Models kept beside the shown one. Beyond this number, the one that was shown longest ago goes,
 * and its undo with it.
 */
const MAX_KEPT = 40;

interface Kept extends ShownFile {
  /**
   * The view state when it was last shown. Cursors are kept apart, because others may type while
   * the file is hidden.
   */
  view: Monaco.editor.ICodeEditorViewState | null;
  cursors: HiddenCursor[];
  binding: Binding;
}

/** A selection in a hidden file, held by a decoration, which moves when others type. */
interface HiddenCursor {
  decoration: string;
  direction: Monaco.SelectionDirection;
}

export interface FileModelOptions {
  monaco: typeof Monaco;
  editor: Monaco.editor.IStandaloneCodeEditor;
  doc: Y.Doc;
  readOnly: () => boolean;
  steps: UndoSteps;
  /** How long to wait for somebody else to mend a line end, in milliseconds. */
  mendReturnsAfter?: () => number;
}

/**
 * FileModels keeps one Monaco model for each file that was shown, and each stays bound to its text.
 * So undo, cursors and scroll position are unchanged when a person comes back to a file.
 */
export class FileModels {
  readonly #options: FileModelOptions;
  /** In the order in which they were shown. */
  readonly #kept = new Map<string, Kept>();
  readonly #stops: readonly { dispose: () => void }[];
  #shown: Kept | null = null;
  /** An input method composes a word. */
  #composing = false;

  constructor(options: FileModelOptions) {
    this.#options = options;
    const { editor } = options;
    const end = () => {
      this.#composing = false;
      // Monaco's own listeners come first: they may still write the word.
      queueMicrotask(() => this.#shown?.binding.settle());
    };
    this.#stops = [
      editor.onDidCompositionStart(() => (this.#composing = true)),
      editor.onDidCompositionEnd(end),
      editor.onDidBlurEditorText(end),
    ];
  }

  get shown(): ShownFile | null {
    return this.#shown;
  }

  /** show puts a file into the editor. true: another file was shown before. */
  show(file: Pick<FileInfo, 'id' | 'language'>): boolean {
    const { monaco, editor } = this.#options;
    const before = this.#shown;
    const kept = this.#kept.get(file.id) ?? this.#open(file.id);
    if (kept.model.getLanguageId() !== file.language) {
      monaco.editor.setModelLanguage(kept.model, file.language);
    }
    if (kept === before) return false;
    this.#composing = false;
    before?.binding.settle();
    if (before) this.#rememberView(before);
    this.#kept.delete(file.id);
    this.#kept.set(file.id, kept);
    this.#shown = kept;
    editor.setModel(kept.model);
    this.#restoreView(kept);
    this.#dropOldest();
    return true;
  }

  dispose(): void {
    for (const stop of this.#stops) stop.dispose();
    for (const kept of this.#kept.values()) close(kept);
    this.#kept.clear();
    this.#shown = null;
  }

  #open(id: string): Kept {
    const { monaco, editor, doc, readOnly, steps, mendReturnsAfter } = this.#options;
    const model = monaco.editor.createModel(
      '',
      'plaintext',
      monaco.Uri.parse(`parley://file/${nextModel++}/${id}`),
    );
    const text = fileText(doc, id);
    const isShown = () => editor.getModel() === model;
    const binding = bindText({
      monaco,
      model,
      text,
      readOnly,
      steps,
      onUndone: (offset) => this.#reveal(model, offset),
      composing: () => (this.#composing && isShown() ? (editor.getPosition()?.lineNumber ?? null) : null),
      endComposition: () => this.#endComposition(),
      keepView: (change) => (isShown() ? keepingView(editor, change) : change()),
      ...(mendReturnsAfter && { mendReturnsAfter }),
    });
    const { toText, toShown } = binding;
    const file: ShownFile = { id, textName: `file:${id}`, text, model, toText, toShown };
    const kept: Kept = { ...file, binding, view: null, cursors: [] };
    this.#kept.set(id, kept);
    return kept;
  }

  #rememberView(kept: Kept): void {
    const { editor } = this.#options;
    kept.view = editor.saveViewState();
    const selections = editor.getSelections() ?? [];
    const decorations = kept.model.deltaDecorations(
      [],
      selections.map((range) => ({ range, options: {} })),
    );
    kept.cursors = selections.map((selection, index) => ({
      decoration: decorations[index] ?? '',
      direction: selection.getDirection(),
    }));
  }

  #restoreView(kept: Kept): void {
    const { monaco, editor } = this.#options;
    if (kept.view) editor.restoreViewState(kept.view);
    const selections = kept.cursors.flatMap(({ decoration, direction }) => {
      const range = kept.model.getDecorationRange(decoration);
      return range ? [monaco.Selection.fromRange(range, direction)] : [];
    });
    if (selections.length > 0) editor.setSelections(selections);
    kept.model.deltaDecorations(
      kept.cursors.map(({ decoration }) => decoration),
      [],
    );
    kept.cursors = [];
  }

  #reveal(model: Monaco.editor.ITextModel, offset: number): void {
    const { editor } = this.#options;
    if (editor.getModel() !== model) return;
    const position = model.getPositionAt(offset);
    editor.setPosition(position);
    editor.revealPositionInCenterIfOutsideViewport(position);
  }

  /** Takes the word as it stands. An input method ends its work when the field loses the focus. */
  #endComposition(): void {
    const { editor } = this.#options;
    const focused = document.activeElement;
    if (!this.#composing || !(focused instanceof HTMLElement)) return;
    focused.blur();
    editor.focus();
  }

  #dropOldest(): void {
    for (const [id, kept] of this.#kept) {
      if (this.#kept.size <= MAX_KEPT) return;
      if (kept === this.#shown) continue;
      this.#kept.delete(id);
      close(kept);
    }
  }
}

/** Two rooms that one page opens one after the other may have files with the same id. */
let nextModel = 1;

function close({ binding, model }: Kept): void {
  binding.dispose();
  model.dispose();
}
