/**
 * The files of a PostgreSQL that initdb has set up already: setting one up takes ten times as long
 * as opening it.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

/** @param {string} pgliteDir @param {string} version @returns {import('./recipes.mjs').Source} */
export function postgresCluster(pgliteDir, version) {
  return {
    name: 'postgres.cluster',
    key: version,
    // A process of its own: the database does not give its memory back.
    make: async (work) => {
      const script = new URL('take-cluster.mjs', import.meta.url).pathname;
      const module = pathToFileURL(join(pgliteDir, 'dist/index.js')).href;
      await promisify(execFile)(process.execPath, [script, module, join(work, 'postgres.cluster')]);
    },
  };
}
