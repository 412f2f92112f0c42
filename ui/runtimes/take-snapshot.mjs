/**
 * node take-snapshot.mjs <pyodide.mjs> <out> <module,module>: starts Python, imports, and writes
 * its memory.
 */
import { writeFileSync } from 'node:fs';
import process from 'node:process';

/**
 * The browser restores into the heap that Python starts with. A larger snapshot would fail there
 * with a RangeError, so it fails here. Units: bytes; 128 are the snapshot's own header.
 */
const LARGEST = 31_457_280 + 128;

const [, , pyodide, out, modules] = process.argv;
const { loadPyodide } = await import(pyodide);
const py = await loadPyodide({ _makeSnapshot: true, env: { PYTHONUNBUFFERED: '1', HOME: '/home/user' } });
py.runPython(
  modules
    .split(',')
    .map((name) => `import ${name}`)
    .join('\n'),
);
py.runPython('import gc; gc.collect()');
const bytes = py.makeMemorySnapshot();
if (bytes.length > LARGEST)
  throw new Error(`snapshot: ${bytes.length} bytes, at most ${LARGEST} can be restored`);
writeFileSync(out, bytes);
