import { Suspense, lazy } from 'react';
import { EditorSkeleton } from './editor-skeleton';
import type { CodeEditorProps } from './code-editor';

export type { CodeEditorProps, EditorActions } from './code-editor';

const loadEditor = () => import('./code-editor').then((module) => ({ default: module.CodeEditor }));

const CodeEditor = lazy(loadEditor);

/** preloadEditor starts the download early, while a person still types their name. */
export function preloadEditor(): void {
  void loadEditor().catch(() => undefined);
}

/** LazyEditor is the editor with a placeholder of the same size, so that nothing moves when it arrives. */
export function LazyEditor(props: CodeEditorProps) {
  return (
    <Suspense fallback={<EditorSkeleton />}>
      <CodeEditor {...props} />
    </Suspense>
  );
}
