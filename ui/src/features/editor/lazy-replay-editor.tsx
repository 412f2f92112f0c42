import { lazily } from '../../components/lazily';
import { EditorSkeleton } from './editor-skeleton';

/** LazyReplayEditor is the editor of a replay with a placeholder of the same size. */
export const { Component: LazyReplayEditor } = lazily(
  async () => (await import('./replay-editor')).ReplayEditor,
  <EditorSkeleton />,
);
