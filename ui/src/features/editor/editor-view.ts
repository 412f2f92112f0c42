import { FONTS, type Preferences, type Theme } from '../../lib/preferences';
import { isSave } from '../../lib/save-key';
import { TEXTS } from '../../lib/texts';
import type { FileInfo } from '../../sync/files';
import type { Room } from '../../sync/room';
import { showCursorStyles } from './cursor-styles';
import { FileModels } from './file-models';
import { Follower } from './follow';
import { indentsWithTabs } from './indentation';
import { installKeys, type KeysHandle } from './keys';
import { monaco } from './monaco';
import { publishCursors } from './own-cursors';
import { drawCursors } from './remote-cursors';
import { themeName } from './theme';
import { UndoSteps } from './undo-steps';

/** What the editor tells the page. */
export interface EditorEvents {
  onRun: () => void;
  onPosition: (line: number, column: number) => void;
}

const OPTIONS: monaco.editor.IStandaloneEditorConstructionOptions = {
  automaticLayout: true,
  // Room for the name flag of somebody in the first line.
  padding: { top: 22, bottom: 22 },
  minimap: { enabled: false },
  scrollBeyondLastLine: false,
  smoothScrolling: false,
  cursorSmoothCaretAnimation: 'off',
  renderLineHighlight: 'all',
  lineNumbersMinChars: 4,
  overviewRulerLanes: 2,
  fixedOverflowWidgets: true,
  unicodeHighlight: { ambiguousCharacters: false },
  // Monaco must not rewrite other people's text on its own.
  unusualLineTerminators: 'off',
  detectIndentation: false,
  insertSpaces: true,
  accessibilitySupport: 'auto',
  ariaLabel: TEXTS.room.editor,
  placeholder: TEXTS.room.editorPlaceholder,
};

/**
 * Only a deletion can be repeated by several people without harm. So whoever has the next higher
 * client id waits so much longer before a line end is replaced, in milliseconds.
 */
const MEND_TURN_MS = 400;

/** Columns of a tab where a language has a habit; four elsewhere. */
const TWO_COLUMNS = new Set([
  'javascript',
  'typescript',
  'json',
  'html',
  'css',
  'scss',
  'less',
  'ruby',
  'yaml',
  'xml',
]);

/** tabSizeIn gives the columns of a tab: what the person chose, else the habit of the language. */
function tabSizeIn(language: string, chosen: number): number {
  return chosen || (TWO_COLUMNS.has(language) ? 2 : 4);
}

/**
 * EditorView is the one editor of a room with all that belongs to it: the files' models,
 * everybody's cursors, following, keys, formatting. It lives outside of React; code-editor.tsx
 * mounts it.
 */
export class EditorView {
  readonly #editor: monaco.editor.IStandaloneCodeEditor;
  readonly #models: FileModels;
  readonly #follower: Follower;
  readonly #stops: (() => void)[];
  readonly #status: HTMLElement;
  readonly #steps = new UndoSteps();
  #readOnly = true;
  #keys: KeysHandle | null = null;
  #file: FileInfo | null = null;
  #preferences: Preferences | null = null;

  constructor(host: HTMLElement, status: HTMLElement, room: Room, events: () => EditorEvents) {
    const { doc, awareness, following, active } = room;
    const editor = monaco.editor.create(host, { ...OPTIONS, model: null, readOnly: true, domReadOnly: true });
    this.#editor = editor;
    editor.addCommand(monaco.KeyMod.CtrlCmd | monaco.KeyCode.Enter, () => events().onRun());
    const keepPage = (event: KeyboardEvent) => isSave(event) && event.preventDefault();
    host.addEventListener('keydown', keepPage, { capture: true });
    editor.onDidChangeCursorPosition(({ position }) =>
      events().onPosition(position.lineNumber, position.column),
    );
    this.#models = new FileModels({
      monaco,
      editor,
      doc,
      steps: this.#steps,
      readOnly: () => this.#readOnly,
      mendReturnsAfter: () => {
        const clients = [...awareness.getStates().keys()].sort((a, b) => a - b);
        return clients.indexOf(awareness.clientID) * MEND_TURN_MS;
      },
    });
    const shown = () => this.#models.shown;
    const openFile = (id: string) => active.open(id);
    this.#follower = new Follower({ editor, awareness, following, shown, openFile });
    const edits = editor.onDidChangeModelContent(({ changes }) => {
      if (changes.some(({ text }) => text.length > 1 && /[\n\t]/.test(text))) this.#indent();
    });
    this.#stops = [
      () => edits.dispose(),
      () => host.removeEventListener('keydown', keepPage, { capture: true }),
      publishCursors(editor, awareness, shown),
      drawCursors({ monaco, editor, awareness, shown }),
      showCursorStyles(awareness, room.people.record),
    ];
    this.#status = status;
  }

  get monacoEditor(): monaco.editor.IStandaloneCodeEditor {
    return this.#editor;
  }

  focus(): void {
    this.#editor.focus();
  }

  showFile(file: FileInfo): void {
    this.#file = file;
    const switched = this.#models.show(file);
    this.#editor.updateOptions({ ariaLabel: TEXTS.editor.label(file.name) });
    this.#indent();
    if (switched) this.#follower.openedFile();
  }

  /**
   * format rewrites the shown file as its language has it, by the smallest edits; the cursor stays
   * in the editor.
   */
  format(): void {
    this.focus();
    void this.#editor.getAction('editor.action.formatDocument')?.run();
  }

  setReadOnly(readOnly: boolean): void {
    this.#readOnly = readOnly;
    this.#editor.updateOptions({ readOnly, domReadOnly: readOnly });
  }

  setTheme(theme: Theme): void {
    monaco.editor.setTheme(themeName(theme));
  }

  setPreferences(next: Preferences): void {
    const before = this.#preferences;
    this.#preferences = next;
    const suggest = next.autocomplete;
    this.#editor.updateOptions({
      fontFamily: FONTS[next.font],
      fontSize: next.fontSize,
      lineHeight: Math.round(next.fontSize * 1.57),
      wordWrap: next.wrap ? 'on' : 'off',
      quickSuggestions: suggest ? { other: true, comments: false, strings: false } : false,
      suggestOnTriggerCharacters: suggest,
      parameterHints: { enabled: suggest },
      wordBasedSuggestions: suggest ? 'currentDocument' : 'off',
      acceptSuggestionOnCommitCharacter: suggest,
    });
    this.#indent();
    if (before?.keys === next.keys) return;
    this.#keys?.dispose();
    this.#keys = installKeys(next.keys, { editor: this.#editor, status: this.#status, steps: this.#steps });
  }

  dispose(): void {
    this.#keys?.dispose();
    this.#follower.dispose();
    for (const stop of this.#stops) stop();
    this.#models.dispose();
    this.#editor.dispose();
  }

  #indent(): void {
    const tabSize = tabSizeIn(this.#file?.language ?? '', this.#preferences?.tabSize ?? 0);
    const model = this.#editor.getModel();
    model?.updateOptions({ tabSize, indentSize: tabSize, insertSpaces: !indentsWithTabs(model) });
  }
}
