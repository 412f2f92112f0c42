import type * as Monaco from 'monaco-editor/editor';

export const THEME = 'parley-dark';

/** defineTheme gives the editor the colours of the page, and few, quiet ones to the code. */
export function defineTheme(monaco: typeof Monaco): void {
  monaco.editor.defineTheme(THEME, {
    base: 'vs-dark',
    inherit: true,
    rules: [
      { token: '', foreground: 'd7dae2' },
      { token: 'comment', foreground: '7d8595', fontStyle: 'italic' },
      { token: 'keyword', foreground: 'a5b4fc' },
      { token: 'string', foreground: '8fd6a5' },
      { token: 'number', foreground: 'f6b77a' },
      { token: 'regexp', foreground: 'f6b77a' },
      { token: 'type', foreground: '7fd3e0' },
      { token: 'identifier', foreground: 'd7dae2' },
      { token: 'delimiter', foreground: '9aa1b0' },
    ],
    colors: {
      'editor.background': '#0f1116',
      'editor.foreground': '#d7dae2',
      'editor.lineHighlightBackground': '#161922',
      'editor.lineHighlightBorder': '#00000000',
      'editor.selectionBackground': '#39437a',
      'editor.inactiveSelectionBackground': '#2a3050',
      'editorLineNumber.foreground': '#4a5162',
      'editorLineNumber.activeForeground': '#aab1c0',
      'editorCursor.foreground': '#aab6ff',
      'editorIndentGuide.background1': '#1d212b',
      'editorIndentGuide.activeBackground1': '#343b4c',
      'editorWidget.background': '#171a21',
      'editorWidget.border': '#2e3440',
      'editorSuggestWidget.selectedBackground': '#262c3d',
      'editorHoverWidget.background': '#171a21',
      'scrollbarSlider.background': '#3a415266',
      'scrollbarSlider.hoverBackground': '#4a526688',
      'scrollbar.shadow': '#00000000',
      'editorOverviewRuler.border': '#00000000',
      'editorBracketHighlight.foreground1': '#b4bac8',
      'editorBracketHighlight.foreground2': '#a5b4fc',
      'editorBracketHighlight.foreground3': '#7fd3e0',
      focusBorder: '#7c8cff',
    },
  });
}
