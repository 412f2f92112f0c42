import { Suspense, lazy } from 'react';
import { EditorSkeleton } from './editor-skeleton';
import type { SmallEditorProps } from './small-editor';

const SmallEditor = lazy(() => import('./small-editor').then((module) => ({ default: module.SmallEditor })));

/** LazySmallEditor is the small editor with a placeholder of the same size. */
export function LazySmallEditor(props: SmallEditorProps) {
  return (
    <Suspense fallback={<EditorSkeleton />}>
      <SmallEditor {...props} />
    </Suspense>
  );
}
