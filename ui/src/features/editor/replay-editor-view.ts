import { FONTS, type Preferences, type Theme } from '../../lib/preferences';
import { TEXTS } from '../../lib/texts';
import { cursorRule } from './cursor-styles';
import { monaco } from './monaco';
import type { ReplayCaret, ReplayScene } from './replay-scene';
import { themeName } from './theme';

type Decoration = monaco.editor.IModelDeltaDecoration;

const OPTIONS: monaco.editor.IStandaloneEditorConstructionOptions = {
  automaticLayout: true,
  padding: { top: 22, bottom: 22 },
  minimap: { enabled: false },
  scrollBeyondLastLine: false,
  smoothScrolling: false,
  renderLineHighlight: 'none',
  lineNumbersMinChars: 4,
  overviewRulerLanes: 0,
  fixedOverflowWidgets: true,
  unicodeHighlight: { ambiguousCharacters: false },
  unusualLineTerminators: 'off',
  occurrencesHighlight: 'off',
  selectionHighlight: false,
  renderValidationDecorations: 'off',
  links: false,
  // For each line that is drawn anew they measure where its first letter stands.
  guides: { indentation: false },
  readOnly: true,
  domReadOnly: true,
  tabFocusMode: true,
  ariaLabel: TEXTS.room.editor,
};

/** How long an insertion of several lines is highlighted. */
const FRESH_MS = 1_000;

/** ReplayEditorView draws scenes, each as what changed since the one before. */
export class ReplayEditorView {
  readonly #editor: monaco.editor.IStandaloneCodeEditor;
  readonly #decorations: monaco.editor.IEditorDecorationsCollection;
  readonly #sheet = new CSSStyleSheet();
  #css = '';
  #drawn = '';
  #shown: ReplayScene | null = null;
  #fresh: ReplayScene['fresh'] = null;
  #freshTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: HTMLElement) {
    this.#editor = monaco.editor.create(host, { ...OPTIONS, model: null });
    this.#decorations = this.#editor.createDecorationsCollection();
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, this.#sheet];
  }

  show(scene: ReplayScene | null): void {
    if (!scene) {
      this.#closeModel();
      this.#shown = null;
      return;
    }
    const model = this.#modelOf(scene);
    const wrote = this.#write(model, scene);
    this.#noteFresh(scene.fresh);
    this.#shown = scene;
    if (this.#draw(wrote)) this.#reveal(model, scene.place);
  }

  setTheme(theme: Theme): void {
    monaco.editor.setTheme(themeName(theme));
  }

  setPreferences({ font, fontSize, wrap }: Preferences): void {
    this.#editor.updateOptions({
      fontFamily: FONTS[font],
      fontSize,
      lineHeight: Math.round(fontSize * 1.57),
      wordWrap: wrap ? 'on' : 'off',
    });
  }

  dispose(): void {
    clearTimeout(this.#freshTimer);
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => sheet !== this.#sheet);
    this.#closeModel();
    this.#editor.dispose();
  }

  #modelOf({ file, text }: ReplayScene): monaco.editor.ITextModel {
    const now = this.#editor.getModel();
    if (now && this.#shown?.file.id === file.id) {
      if (now.getLanguageId() !== file.language) monaco.editor.setModelLanguage(now, file.language);
      return now;
    }
    this.#closeModel();
    const model = monaco.editor.createModel(text(), file.language);
    model.setEOL(monaco.editor.EndOfLineSequence.LF);
    this.#shown = null;
    this.#editor.setModel(model);
    this.#editor.updateOptions({ ariaLabel: TEXTS.editor.label(file.name) });
    return model;
  }

  #closeModel(): void {
    const model = this.#editor.getModel();
    this.#decorations.clear();
    this.#editor.setModel(null);
    model?.dispose();
  }

  /** Says whether anything changed. */
  #write(model: monaco.editor.ITextModel, scene: ReplayScene): boolean {
    const before = this.#shown;
    if (!before || before.position === scene.position) return !before;
    const splices = scene.splices(before.position);
    if (splices?.length === 0) return false;
    const edits = (splices ?? []).map(({ index, removed, inserted }) => ({
      range: this.#range(model, index, index + removed),
      text: inserted,
      forceMoveMarkers: true,
    }));
    // With other line ends than "\n" Monaco counts differently, and it never cuts a pair in two.
    const fits =
      splices !== null &&
      model.getValueLength() === before.length &&
      edits.every(({ range }) => model.validateRange(range).equalsRange(range));
    if (fits) model.applyEdits(edits);
    if (!fits || model.getValueLength() !== scene.length) model.setValue(scene.text());
    this.#parkCursor();
    return true;
  }

  /**
   * Whatever is typed where the editor's own cursor stands moves it along, and to draw it the place
   * of each letter before it is measured. Nobody sees it without the focus.
   */
  #parkCursor(): void {
    const selection = this.#editor.getSelection();
    if (!selection?.isEmpty() || this.#editor.hasTextFocus()) return;
    if (selection.startLineNumber > 1 || selection.startColumn > 1)
      this.#editor.setPosition({ lineNumber: 1, column: 1 });
  }

  #noteFresh(fresh: ReplayScene['fresh']): void {
    if (fresh === this.#shown?.fresh) return;
    this.#fresh = fresh;
    clearTimeout(this.#freshTimer);
    if (!fresh) return;
    this.#freshTimer = setTimeout(() => {
      this.#fresh = null;
      this.#draw(false);
    }, FRESH_MS);
  }

  /** Says whether anything is to be seen now that was not there before. */
  #draw(wrote: boolean): boolean {
    const model = this.#editor.getModel();
    const scene = this.#shown;
    if (!model || !scene) return false;
    const { carets, changed, place } = scene;
    const drawn = JSON.stringify([carets, changed, this.#fresh, place]);
    if (!wrote && drawn === this.#drawn) return false;
    this.#drawn = drawn;
    const stretches = [
      ...changed.map((range) => ({ ...range, className: 'replay-changed' })),
      ...(this.#fresh ? [{ ...this.#fresh, className: 'replay-fresh' }] : []),
    ];
    const css = carets.map((caret) => cursorRule(caret.number, caret, false)).join('\n');
    // A new sheet makes the browser style the whole page again.
    if (css !== this.#css) this.#sheet.replaceSync(css);
    this.#css = css;
    this.#decorations.set([
      ...stretches.map(({ from, to, className }) => ({
        range: this.#range(model, from, to),
        options: { className, stickiness: monaco.editor.TrackedRangeStickiness.NeverGrowsWhenTypingAtEdges },
      })),
      ...carets.map((caret) => this.#caret(model, caret)),
    ]);
    return true;
  }

  #caret(model: monaco.editor.ITextModel, { number, index, typing }: ReplayCaret): Decoration {
    const range = this.#range(model, index, index);
    const flag = typing ? ' replay-typing' : '';
    return {
      range,
      options: { afterContentClassName: `yRemoteSelectionHead yRemoteSelectionHead-${number}${flag}` },
    };
  }

  #range(model: monaco.editor.ITextModel, from: number, to: number): monaco.Range {
    return monaco.Range.fromPositions(model.getPositionAt(from), model.getPositionAt(to));
  }

  #reveal(model: monaco.editor.ITextModel, place: ReplayScene['place']): void {
    if (!place) return;
    const line =
      'line' in place
        ? Math.min(place.line, model.getLineCount())
        : model.getPositionAt(place.index).lineNumber;
    this.#editor.revealLineInCenterIfOutsideViewport(line, monaco.editor.ScrollType.Immediate);
  }
}
