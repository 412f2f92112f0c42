import { useEffect } from 'react';
import { Derived } from '../../lib/readable';
import type { Room } from '../../sync/room';
import { tidy } from '../../sync/tidy';

/** Between two times, in milliseconds: tidying up must not become work for others. */
const PAUSE_MS = 2_000;

/** useTidy removes what stands past all bounds in the document, while a person leads. */
export function useTidy({ doc }: Room, leads: boolean): void {
  useEffect(() => {
    if (!leads) return undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const later = new Derived(() => {
      timer ??= setTimeout(() => {
        timer = undefined;
        tidy(doc);
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
