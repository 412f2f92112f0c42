import { FONTS, type Preferences, type Theme } from '../../lib/preferences';
import { TEXTS } from '../../lib/texts';
import { cursorRule } from './cursor-styles';
import { monaco } from './monaco';
import { spliceOf, type ReplayCaret, type ReplayScene } from './replay-scene';
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
  readOnly: true,
  domReadOnly: true,
  tabFocusMode: true,
  ariaLabel: TEXTS.room.editor,
};

/** How long an insertion of several lines is highlighted. */
const FRESH_MS = 1_000;

/** ReplayEditorView draws scenes, each as the smallest change from the one before. */
export class ReplayEditorView {
  readonly #editor: monaco.editor.IStandaloneCodeEditor;
  readonly #decorations: monaco.editor.IEditorDecorationsCollection;
  readonly #sheet = new CSSStyleSheet();
  #css = '';
  /** The text as it is in the document: Monaco makes its own line ends of some. */
  #text = '';
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
    this.#write(model, scene.text);
    this.#noteFresh(scene.fresh);
    this.#shown = scene;
    this.#draw();
    this.#reveal(model, scene.place);
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
    const model = monaco.editor.createModel(text, file.language);
    model.setEOL(monaco.editor.EndOfLineSequence.LF);
    this.#text = text;
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

  #write(model: monaco.editor.ITextModel, text: string): void {
    const splice = spliceOf(this.#text, text);
    this.#text = text;
    if (!splice) return;
    // With other line ends than "\n" Monaco counts differently.
    if (model.getValueLength() !== text.length - splice.inserted.length + splice.removed) {
      model.setValue(text);
      return;
    }
    const range = this.#range(model, splice.index, splice.index + splice.removed);
    model.applyEdits([{ range, text: splice.inserted, forceMoveMarkers: true }]);
    if (model.getValueLength() !== text.length) model.setValue(text);
  }

  #noteFresh(fresh: ReplayScene['fresh']): void {
    if (fresh === this.#shown?.fresh) return;
    this.#fresh = fresh;
    clearTimeout(this.#freshTimer);
    if (!fresh) return;
    this.#freshTimer = setTimeout(() => {
      this.#fresh = null;
      this.#draw();
    }, FRESH_MS);
  }

  #draw(): void {
    const model = this.#editor.getModel();
    const scene = this.#shown;
    if (!model || !scene) return;
    const stretch = (className: string) => (range: { from: number; to: number }) => ({
      range: this.#range(model, range.from, range.to),
      options: { className, stickiness: monaco.editor.TrackedRangeStickiness.NeverGrowsWhenTypingAtEdges },
    });
    this.#decorations.set([
      ...scene.changed.map(stretch('replay-changed')),
      ...(this.#fresh ? [stretch('replay-fresh')(this.#fresh)] : []),
      ...scene.carets.map((caret) => this.#caret(model, caret)),
    ]);
    const css = scene.carets.map((caret) => cursorRule(caret.number, caret, caret.typing)).join('\n');
    if (css !== this.#css) this.#sheet.replaceSync(css);
    this.#css = css;
  }

  #caret(model: monaco.editor.ITextModel, { number, index }: ReplayCaret): Decoration {
    const range = this.#range(model, index, index);
    return {
      range,
      options: { afterContentClassName: `yRemoteSelectionHead yRemoteSelectionHead-${number}` },
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
