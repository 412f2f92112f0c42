import type * as Y from 'yjs';
import { MAX_FILES, readFiles } from './files';
import { MAX_RUNS } from './runs';
import { MAX_TESTS, shownTests } from './tests';

/** Two people at once can go a little past a bound. Nobody honest goes this many times past it. */
const FAR = 2;
/** Entries removed at a time: each is a change that everybody has to take in. */
const STEP = 2_000;

/** Origin of these changes, so that undo ignores them. */
const TIDY_ORIGIN = 'tidy';

/**
 * tidy removes entries that nobody sees, because there are far more than are shown: runs and tests,
 * and files, whose text stays.
 */
export function tidy(doc: Y.Doc): void {
  const runs = doc.getArray('runs');
  const tests = doc.getArray('tests');
  const files = doc.getMap('files');
  doc.transact(() => {
    if (runs.length > FAR * MAX_RUNS) runs.delete(0, Math.min(STEP, runs.length - MAX_RUNS));
    if (tests.length > FAR * MAX_TESTS) {
      const shown = new Set<unknown>(shownTests(doc));
      const hidden = tests.toArray().flatMap((entry, index) => (shown.has(entry) ? [] : [index]));
      for (const index of hidden.slice(0, STEP).reverse()) tests.delete(index);
    }
    if (files.size > FAR * MAX_FILES) {
      const shown = new Set(readFiles(doc).map(({ id }) => id));
      const hidden = [...files.keys()].filter((id) => !shown.has(id));
      for (const id of hidden.slice(0, STEP)) files.delete(id);
    }
  }, TIDY_ORIGIN);
}
