import { useEffect, useRef } from 'react';
import { isSave } from '../../lib/save-key';
import { useTheme } from '../../lib/use-theme';
import { monaco } from './monaco';
import { themeName } from './theme';
import './code-editor.css';

export interface SmallEditorProps {
  /** What it starts with; a change of it starts anew. */
  text: string;
  language: string;
  label: string;
  readOnly?: boolean;
  /** Called with the whole text after each change. */
  onChange?: (text: string) => void;
  /** Called when Ctrl/Cmd+Enter is pressed. */
  onRun?: () => void;
}

const OPTIONS: monaco.editor.IStandaloneEditorConstructionOptions = {
  automaticLayout: true,
  fontSize: 13,
  lineHeight: 21,
  padding: { top: 12, bottom: 12 },
  minimap: { enabled: false },
  scrollBeyondLastLine: false,
  renderLineHighlight: 'none',
  lineNumbersMinChars: 3,
  overviewRulerLanes: 0,
  fixedOverflowWidgets: true,
  unicodeHighlight: { ambiguousCharacters: false },
  unusualLineTerminators: 'off',
  scrollbar: { alwaysConsumeMouseWheel: false },
};

/**
 * SmallEditor is an editor of a text that nobody shares: to try one's set-up, or to read what was
 * written.
 */
export function SmallEditor({ text, language, label, readOnly = false, onChange, onRun }: SmallEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const handlers = useRef({ onChange, onRun });
  const theme = useTheme();

  useEffect(() => monaco.editor.setTheme(themeName(theme)), [theme]);

  useEffect(() => {
    handlers.current = { onChange, onRun };
  });

  useEffect(() => {
    if (!host.current) return undefined;
    const model = monaco.editor.createModel(text, language);
    const fontFamily = getComputedStyle(host.current).getPropertyValue('--mono');
    const view = monaco.editor.create(host.current, {
      ...OPTIONS,
      fontFamily,
      model,
      readOnly,
      domReadOnly: readOnly,
      ariaLabel: label,
      // Tab leads on: this is a field among others of a page.
      tabFocusMode: true,
    });
    view.addCommand(monaco.KeyMod.CtrlCmd | monaco.KeyCode.Enter, () => handlers.current.onRun?.());
    const keepPage = (event: KeyboardEvent) => isSave(event) && event.preventDefault();
    const node = host.current;
    node.addEventListener('keydown', keepPage, { capture: true });
    const watching = model.onDidChangeContent(() => handlers.current.onChange?.(model.getValue()));
    return () => {
      node.removeEventListener('keydown', keepPage, { capture: true });
      watching.dispose();
      view.dispose();
      model.dispose();
    };
  }, [text, language, label, readOnly]);

  return <div ref={host} className="code-editor" data-testid="small-editor" />;
}
