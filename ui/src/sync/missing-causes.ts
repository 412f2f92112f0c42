import type * as Y from 'yjs';

/** How long changes wait for what they build on before it is asked for, in milliseconds. */
const FIRST_MS = 3_000;
const LAST_MS = 5 * 60_000;

/**
 * watchMissing asks for what a document lacks when changes have waited for it. A message may be
 * lost on its way. What follows it waits inside Yjs, and nobody would send the lost part again.
 * Each question that brought nothing doubles the wait. The returned function ends it.
 */
export function watchMissing(doc: Y.Doc, ask: () => void): () => void {
  let wait = FIRST_MS;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const waits = () => doc.store.pendingStructs !== null || doc.store.pendingDs !== null;
  const look = () => {
    if (!waits()) {
      clearTimeout(timer);
      timer = undefined;
      wait = FIRST_MS;
      return;
    }
    timer ??= setTimeout(() => {
      timer = undefined;
      if (!waits()) return;
      ask();
      wait = Math.min(2 * wait, LAST_MS);
      look();
    }, wait);
  };
  doc.on('afterTransaction', look);
  return () => {
    clearTimeout(timer);
    doc.off('afterTransaction', look);
  };
}
