import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Plugin } from 'vite';

const pyodideDir = dirname(createRequire(import.meta.url).resolve('pyodide/package.json'));
const { version } = JSON.parse(readFileSync(join(pyodideDir, 'package.json'), 'utf8')) as { version: string };

/** Where the page finds Pyodide's files. The version in the path lets browsers keep them for ever. */
export const PYODIDE_BASE = `/vendor/pyodide-${version}/`;

/** asm.mjs is not here: it is part of the Python worker's script (see sandbox-scripts.ts). */
const FILES: Record<string, string> = {
  'pyodide.asm.wasm': 'application/wasm',
  'python_stdlib.zip': 'application/zip',
  'pyodide-lock.json': 'application/json',
};

/** runtimes puts the language runtimes under /vendor, in the build and in the development server. */
export function runtimes(): Plugin {
  return {
    name: 'parley-runtimes',
    generateBundle() {
      for (const name of Object.keys(FILES)) {
        const fileName = PYODIDE_BASE.slice(1) + name;
        this.emitFile({ type: 'asset', fileName, source: readFileSync(join(pyodideDir, name)) });
      }
    },
    configureServer(server) {
      server.middlewares.use(PYODIDE_BASE, (req, res, next) => {
        const name = (req.url ?? '').replace(/^\//, '').replace(/\?.*$/, '');
        const type = FILES[name];
        if (!type) return next();
        res.setHeader('content-type', type);
        res.end(readFileSync(join(pyodideDir, name)));
      });
    },
  };
}
