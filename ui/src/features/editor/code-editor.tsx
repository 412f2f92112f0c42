import { useEffect, useRef, useState } from 'react';
import { drawn } from '../../lib/calm';
import { preferences } from '../../lib/preferences';
import { useReadable } from '../../lib/use-readable';
import { useTheme } from '../../lib/use-theme';
import type { Room } from '../../sync/room';
import { EditorView } from './editor-view';
import './code-editor.css';

/** What the page can ask of the editor. */
export interface EditorActions {
  format: () => void;
}

export interface CodeEditorProps {
  room: Room;
  readOnly: boolean;
  /** Called when Ctrl/Cmd+Enter is pressed in the editor. */
  onRun: () => void;
  onPosition: (line: number, column: number) => void;
  /** Called with the editor's actions when it is there, and with null when it goes. */
  onReady: (actions: EditorActions | null) => void;
}

/** CodeEditor shows the active file. Its text lives in the room's document, never in React. */
export function CodeEditor({ room, readOnly, onRun, onPosition, onReady }: CodeEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const status = useRef<HTMLDivElement>(null);
  const handlers = useRef({ onRun, onPosition });
  const [view, setView] = useState<EditorView | null>(null);
  const file = useReadable(room.active);
  const chosen = useReadable(preferences);
  const theme = useTheme();

  useEffect(() => {
    handlers.current = { onRun, onPosition };
  });

  useEffect(() => {
    if (!host.current || !status.current) return undefined;
    const opened = new EditorView(host.current, status.current, room, () => handlers.current);
    setView(opened);
    return () => {
      setView(null);
      opened.dispose();
    };
  }, [room]);

  useEffect(() => view?.setTheme(theme), [view, theme]);
  useEffect(() => view?.setReadOnly(readOnly), [view, readOnly]);
  useEffect(() => view?.showFile(file), [view, file]);
  useEffect(() => view?.setPreferences(chosen), [view, chosen]);
  useEffect(() => {
    view?.focus();
    if (view) drawn();
  }, [view]);
  useEffect(() => {
    onReady(view && { format: () => view.format() });
  }, [view, onReady]);

  return (
    <>
      <div ref={host} className="code-editor" data-testid="code-editor" />
      <div ref={status} className="editor-mode" data-testid="editor-mode" />
    </>
  );
}
