import { useEffect, useRef } from 'react';
import { useReadable } from '../../lib/use-readable';
import { TEXTS } from '../../lib/texts';
import { MAIN_FILE, fileText } from '../../sync/files';
import type { Room } from '../../sync/room';
import { bindEditor } from './binding';
import { showCursorStyles } from './cursor-styles';
import { monaco } from './monaco';
import { themeName } from './theme';
import { useTheme } from '../../lib/use-theme';
import './code-editor.css';

export interface CodeEditorProps {
  room: Room;
  readOnly: boolean;
  /** Called when Ctrl/Cmd+Enter is pressed in the editor. */
  onRun: () => void;
  onPosition: (line: number, column: number) => void;
}

const MONOSPACE =
  'ui-monospace, "SF Mono", SFMono-Regular, Menlo, Consolas, "Liberation Mono", "DejaVu Sans Mono", monospace';

const OPTIONS: monaco.editor.IStandaloneEditorConstructionOptions = {
  automaticLayout: true,
  fontFamily: MONOSPACE,
  fontSize: 14,
  lineHeight: 22,
  // Room for the name flag of somebody in the first line.
  padding: { top: 22, bottom: 22 },
  minimap: { enabled: false },
  scrollBeyondLastLine: false,
  smoothScrolling: true,
  cursorSmoothCaretAnimation: 'off',
  renderLineHighlight: 'all',
  lineNumbersMinChars: 4,
  overviewRulerLanes: 2,
  fixedOverflowWidgets: true,
  unicodeHighlight: { ambiguousCharacters: false },
  tabSize: 4,
  detectIndentation: false,
  insertSpaces: true,
  // Never rewrite what others wrote without being asked.
  unusualLineTerminators: 'off',
  accessibilitySupport: 'auto',
  ariaLabel: TEXTS.room.editor,
  placeholder: TEXTS.room.editorPlaceholder,
};

const TAB_SIZES: Record<string, number> = { javascript: 2, python: 4 };

/** CodeEditor shows the main file. Its text lives in the room's document, never in React. */
export function CodeEditor({ room, readOnly, onRun, onPosition }: CodeEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<monaco.editor.IStandaloneCodeEditor | null>(null);
  const handlers = useRef({ onRun, onPosition });
  const { language } = useReadable(room.active);
  const theme = useTheme();

  useEffect(() => monaco.editor.setTheme(themeName(theme)), [theme]);

  useEffect(() => {
    handlers.current = { onRun, onPosition };
  });

  useEffect(() => {
    if (!host.current) return undefined;
    const model = monaco.editor.createModel('', 'plaintext');
    const view = monaco.editor.create(host.current, { ...OPTIONS, model, readOnly, domReadOnly: readOnly });
    editor.current = view;
    view.addCommand(monaco.KeyMod.CtrlCmd | monaco.KeyCode.Enter, () => handlers.current.onRun());
    view.onDidChangeCursorPosition(({ position }) =>
      handlers.current.onPosition(position.lineNumber, position.column),
    );
    const text = fileText(room.doc, MAIN_FILE);
    const { awareness } = room;
    const textName = `file:${MAIN_FILE}`;
    const unbind = bindEditor({ monaco, editor: view, model, text, textName, awareness, readOnly });
    const hideCursors = showCursorStyles(awareness);
    view.focus();
    return () => {
      editor.current = null;
      hideCursors();
      unbind();
      view.dispose();
      model.dispose();
    };
  }, [room, readOnly]);

  useEffect(() => {
    const model = editor.current?.getModel();
    if (!model) return;
    monaco.editor.setModelLanguage(model, language);
    const tabSize = TAB_SIZES[language] ?? 4;
    model.updateOptions({ tabSize, indentSize: tabSize });
  }, [language, room, readOnly]);

  return <div ref={host} className="code-editor" data-testid="code-editor" />;
}
