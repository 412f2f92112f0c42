import { lazily } from '../../components/lazily';
import { EditorSkeleton } from './editor-skeleton';

export type { CodeEditorProps, EditorActions } from './code-editor';

/**
 * LazyEditor is the editor with a placeholder of the same size, so that nothing moves when it
 * arrives.
 */
const editor = lazily(async () => (await import('./code-editor')).CodeEditor, <EditorSkeleton />);

export const LazyEditor = editor.Component;

/** preloadEditor starts the download early, while a person types their name or the socket opens. */
export const preloadEditor = editor.preload;
