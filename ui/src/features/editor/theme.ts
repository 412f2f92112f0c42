import type * as Monaco from 'monaco-editor/editor';
import type { Theme } from '../../lib/preferences';

/** What the editor draws with, by role; six hex digits, or eight with opacity. */
interface Palette {
  base: Monaco.editor.BuiltinTheme;
  text: string;
  comment: string;
  keyword: string;
  string: string;
  number: string;
  type: string;
  delimiter: string;
  background: string;
  line: string;
  selection: string;
  inactiveSelection: string;
  lineNumber: string;
  activeLineNumber: string;
  cursor: string;
  guide: string;
  activeGuide: string;
  widget: string;
  border: string;
  chosen: string;
  slider: string;
  focus: string;
}

const PALETTES: Record<Theme, Palette> = {
  dark: {
    base: 'vs-dark',
    text: 'd7dae2',
    comment: '7d8595',
    keyword: 'a5b4fc',
    string: '8fd6a5',
    number: 'f6b77a',
    type: '7fd3e0',
    delimiter: '9aa1b0',
    background: '0f1116',
    line: '161922',
    selection: '39437a',
    inactiveSelection: '2a3050',
    lineNumber: '7b8395',
    activeLineNumber: 'aab1c0',
    cursor: 'aab6ff',
    guide: '1d212b',
    activeGuide: '343b4c',
    widget: '171a21',
    border: '2e3440',
    chosen: '262c3d',
    slider: '3a415266',
    focus: '7c8cff',
  },
  light: {
    base: 'vs',
    text: '20242e',
    comment: '667085',
    keyword: '4653d6',
    string: '14784a',
    number: '9a4d00',
    type: '0b6e80',
    delimiter: '4a5263',
    background: 'ffffff',
    line: 'f5f6f9',
    selection: 'c9d0ff',
    inactiveSelection: 'e2e6fb',
    lineNumber: '667085',
    activeLineNumber: '3b4252',
    cursor: '3541b8',
    guide: 'e8ebf0',
    activeGuide: 'c8cdd8',
    widget: 'ffffff',
    border: 'd5d9e2',
    chosen: 'e4e8fd',
    slider: '8a93a64d',
    focus: '4653d6',
  },
  contrast: {
    base: 'hc-black',
    text: 'ffffff',
    comment: 'c3cad6',
    keyword: '9db4ff',
    string: '7dffae',
    number: 'ffc98a',
    type: '7ce7ff',
    delimiter: 'ffffff',
    background: '000000',
    line: '1c1f26',
    selection: '2456c8',
    inactiveSelection: '1b3f92',
    lineNumber: 'd9dde6',
    activeLineNumber: 'ffffff',
    cursor: 'ffffff',
    guide: '5b6372',
    activeGuide: 'ffffff',
    widget: '000000',
    border: 'ffffff',
    chosen: '1f4fa8',
    slider: 'd9dde699',
    focus: '7ce7ff',
  },
};

/** themeName is what Monaco knows one of our themes by. */
export function themeName(theme: Theme): string {
  return `parley-${theme}`;
}

/** defineThemes gives the editor the colours of the page, and few quiet colours for code. */
export function defineThemes(monaco: typeof Monaco): void {
  for (const theme of Object.keys(PALETTES) as Theme[]) {
    const palette = PALETTES[theme];
    monaco.editor.defineTheme(themeName(theme), {
      base: palette.base,
      inherit: true,
      rules: rules(palette),
      colors: Object.fromEntries(Object.entries(colors(palette)).map(([key, hex]) => [key, `#${hex}`])),
    });
  }
}

function rules(p: Palette): Monaco.editor.ITokenThemeRule[] {
  return [
    { token: '', foreground: p.text },
    { token: 'comment', foreground: p.comment, fontStyle: 'italic' },
    { token: 'keyword', foreground: p.keyword },
    { token: 'tag', foreground: p.keyword },
    { token: 'metatag', foreground: p.keyword },
    { token: 'attribute.name', foreground: p.type },
    { token: 'attribute.value', foreground: p.string },
    { token: 'string', foreground: p.string },
    { token: 'string.key', foreground: p.type },
    { token: 'number', foreground: p.number },
    { token: 'regexp', foreground: p.number },
    { token: 'type', foreground: p.type },
    { token: 'identifier', foreground: p.text },
    { token: 'variable', foreground: p.text },
    { token: 'delimiter', foreground: p.delimiter },
  ];
}

function colors(p: Palette): Record<string, string> {
  return {
    'editor.background': p.background,
    'editor.foreground': p.text,
    'editor.lineHighlightBackground': p.line,
    'editor.lineHighlightBorder': '00000000',
    'editor.selectionBackground': p.selection,
    'editor.inactiveSelectionBackground': p.inactiveSelection,
    'editorLineNumber.foreground': p.lineNumber,
    'editorLineNumber.activeForeground': p.activeLineNumber,
    'editorCursor.foreground': p.cursor,
    'editorIndentGuide.background1': p.guide,
    'editorIndentGuide.activeBackground1': p.activeGuide,
    'editorWidget.background': p.widget,
    'editorWidget.border': p.border,
    'editorSuggestWidget.selectedBackground': p.chosen,
    'editorHoverWidget.background': p.widget,
    'scrollbarSlider.background': p.slider,
    'scrollbarSlider.hoverBackground': p.slider,
    'scrollbar.shadow': '00000000',
    'editorOverviewRuler.border': '00000000',
    'editorBracketHighlight.foreground1': p.delimiter,
    'editorBracketHighlight.foreground2': p.keyword,
    'editorBracketHighlight.foreground3': p.type,
    focusBorder: p.focus,
  };
}
