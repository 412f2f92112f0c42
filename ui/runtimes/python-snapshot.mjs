/**
 * The memory of a Python that has started and imported the usual modules, so that programs need not
 * wait for that.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

/**
 * Modules that programs in interviews import most. None may have a part in C outside of the
 * interpreter.
 */
const MODULES =
  `abc argparse array ast asyncio bisect collections collections.abc contextlib copy csv dataclasses
  datetime decimal enum fractions functools heapq inspect io itertools json math operator os pathlib pprint queue random re
  statistics string sys textwrap time traceback types typing unittest uuid`
    .split(/\s+/)
    .filter(Boolean);

/** Bumped when the making changes. */
const RECIPE = 2;

/** @param {string} pyodideDir @param {string} version @returns {import('./recipes.mjs').Source} */
export function pythonSnapshot(pyodideDir, version) {
  return {
    name: 'python.snapshot',
    key: `${version} ${RECIPE} ${MODULES.join(' ')}`,
    // A process of its own: the interpreter does not give its memory back.
    make: async (work) => {
      const script = new URL('take-snapshot.mjs', import.meta.url).pathname;
      const module = pathToFileURL(join(pyodideDir, 'pyodide.mjs')).href;
      await promisify(execFile)(process.execPath, [
        script,
        module,
        join(work, 'python.snapshot'),
        MODULES.join(','),
      ]);
    },
  };
}
