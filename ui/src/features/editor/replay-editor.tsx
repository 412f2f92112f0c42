import { useEffect, useRef, useState } from 'react';
import { preferences } from '../../lib/preferences';
import type { Readable } from '../../lib/readable';
import { useReadable } from '../../lib/use-readable';
import { useTheme } from '../../lib/use-theme';
import { ReplayEditorView } from './replay-editor-view';
import type { ReplayScene } from './replay-scene';
import './code-editor.css';
import './replay-editor.css';

export interface ReplayEditorProps {
  scene: Readable<ReplayScene | null>;
}

/** ReplayEditor shows a scene that changes each frame. Nothing of it goes through React. */
export function ReplayEditor({ scene }: ReplayEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const [view, setView] = useState<ReplayEditorView | null>(null);
  const chosen = useReadable(preferences);
  const theme = useTheme();

  useEffect(() => {
    if (!host.current) return undefined;
    const opened = new ReplayEditorView(host.current);
    const show = () => opened.show(scene.getSnapshot());
    const stop = scene.subscribe(show);
    show();
    setView(opened);
    return () => {
      stop();
      setView(null);
      opened.dispose();
    };
  }, [scene]);
  useEffect(() => view?.setTheme(theme), [view, theme]);
  useEffect(() => view?.setPreferences(chosen), [view, chosen]);

  return <div ref={host} className="code-editor" data-testid="code-editor" />;
}
