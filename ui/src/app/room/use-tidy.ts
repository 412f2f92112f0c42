import { useEffect } from 'react';
import type * as Y from 'yjs';
import { Derived } from '../../lib/readable';
import type { Room } from '../../sync/room';

/** Between two times, in milliseconds: tidying up must not become work for others. */
const PAUSE_MS = 2_000;

/** What does not load now is tried again with the next change. */
async function removeHidden(doc: Y.Doc): Promise<void> {
  const loaded = await import('../../sync/tidy').catch(() => null);
  loaded?.tidy(doc);
}

/** useTidy removes what stands past all bounds in the document, while a person leads. */
export function useTidy({ doc }: Room, leads: boolean): void {
  useEffect(() => {
    if (!leads) return undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const later = new Derived(() => {
      timer ??= setTimeout(() => {
        timer = undefined;
        void removeHidden(doc);
      }, PAUSE_MS);
      return null;
    });
    const roots = [doc.getArray('runs'), doc.getMap('files'), doc.getArray('tests')];
    for (const root of roots) root.observe(later.changed);
    return () => {
      clearTimeout(timer);
      later.dispose();
      for (const root of roots) root.unobserve(later.changed);
    };
  }, [doc, leads]);
}
