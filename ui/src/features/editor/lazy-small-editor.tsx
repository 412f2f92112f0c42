import { lazily } from '../../components/lazily';
import { EditorSkeleton } from './editor-skeleton';

/** LazySmallEditor is the small editor with a placeholder of the same size. */
export const { Component: LazySmallEditor } = lazily(
  async () => (await import('./small-editor')).SmallEditor,
  <EditorSkeleton />,
);
