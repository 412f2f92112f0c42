/** What each runtime is made of, and where it comes from. One entry per directory in dist/. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { goRuntime } from './go.mjs';
import { postgresCluster } from './postgres-cluster.mjs';
import { pythonSnapshot } from './python-snapshot.mjs';
import { zones } from './zones.mjs';

const require = createRequire(import.meta.url);

/**
 * @typedef {{name: string, version: string, licence: string, files: string[],
 *   note?: string}} Licence
 *   of one component; files hold its text.
 * @typedef {{name: string, path: string} | {name: string, make: (work: string) => Promise<void>,
 *   key: string}} Source
 *   a file as it is, or one that make writes into the directory that it is given. key says when
 *   such a file is out of date.
 * @typedef {{id: string, title: string, sources: Source[], licences: Licence[]}} Recipe
 */

/** Where an npm package lies. @param {string} name */
function packageDir(name) {
  const paths = require.resolve.paths(name) ?? [];
  for (const path of paths) {
    try {
      readFileSync(join(path, name, 'package.json'));
      return join(path, name);
    } catch {
      // Not in this one.
    }
  }
  throw new Error(`the npm package ${name} is not installed: run make ui-modules`);
}

/** @param {string} name */
function versionOf(name) {
  const { version } = JSON.parse(readFileSync(join(packageDir(name), 'package.json'), 'utf8'));
  return /** @type {string} */ (version);
}

/**
 * @param {string} name @param {string} licence @param {string[]} files @param {string} [note]
 * @returns {Licence}
 */
function npm(name, licence, files, note) {
  return {
    name,
    version: versionOf(name),
    licence,
    files: files.map((f) => join(packageDir(name), f)),
    note,
  };
}

/** @param {string} pkg @param {string} path @param {string} [name] @returns {Source} */
function file(pkg, path, name = path.slice(path.lastIndexOf('/') + 1)) {
  return { name, path: join(packageDir(pkg), path) };
}

const here = (/** @type {string} */ name) =>
  join(dirname(new URL(import.meta.url).pathname), 'licences', name);

/** PHP's loader names its wasm by content. */
function phpWasm() {
  const loader = readFileSync(join(packageDir('php-wasm'), 'php8.4-web.mjs'), 'utf8');
  const name = /[0-9a-f]{40}\.wasm/.exec(loader)?.[0];
  if (!name) throw new Error('php-wasm: the loader names no wasm');
  return name;
}

/** @returns {Recipe[]} */
function databases() {
  return [
    {
      id: 'sqlite',
      title: 'SQLite',
      sources: [file('sql.js', 'dist/sql-wasm.wasm')],
      licences: [
        npm('sql.js', 'MIT', ['LICENSE']),
        { name: 'SQLite', version: '3', licence: 'blessing', files: [], note: 'Public domain' },
      ],
    },
    {
      id: 'postgres',
      title: 'PostgreSQL',
      sources: [
        file('@electric-sql/pglite', 'dist/pglite.wasm'),
        file('@electric-sql/pglite', 'dist/pglite.data'),
        postgresCluster(packageDir('@electric-sql/pglite'), versionOf('@electric-sql/pglite')),
      ],
      licences: [
        npm('@electric-sql/pglite', 'Apache-2.0', ['LICENSE']),
        { name: 'PostgreSQL', version: '18', licence: 'PostgreSQL', files: [here('postgresql.txt')] },
      ],
    },
  ];
}

/** @returns {Recipe[]} */
export function recipes() {
  return [
    {
      id: 'python',
      title: 'Python',
      sources: [
        file('pyodide', 'pyodide.asm.wasm'),
        file('pyodide', 'python_stdlib.zip'),
        file('pyodide', 'pyodide-lock.json'),
        pythonSnapshot(packageDir('pyodide'), versionOf('pyodide')),
        zones(),
      ],
      licences: [
        {
          ...npm('pyodide', 'MPL-2.0', [], 'Source: https://github.com/pyodide/pyodide'),
          files: [here('mpl-2.0.txt')],
        },
        { name: 'CPython', version: '3.14', licence: 'PSF-2.0', files: [here('python.txt')] },
        {
          name: 'Time zone database',
          version: 'IANA',
          licence: 'LicenseRef-IANA-TZ',
          files: [],
          note: 'Public domain',
        },
      ],
    },
    ...databases(),
    {
      id: 'lua',
      title: 'Lua',
      sources: [file('wasmoon', 'dist/glue.wasm')],
      licences: [
        npm('wasmoon', 'MIT', ['LICENSE']),
        { name: 'Lua', version: '5.4', licence: 'MIT', files: [here('lua.txt')] },
      ],
    },
    {
      id: 'ruby',
      title: 'Ruby',
      sources: [file('@ruby/4.0-wasm-wasi', 'dist/ruby+stdlib.wasm', 'ruby.wasm')],
      licences: [npm('@ruby/4.0-wasm-wasi', 'MIT AND BSD-2-Clause', ['dist/LICENSE', 'dist/NOTICE'])],
    },
    {
      id: 'php',
      title: 'PHP',
      sources: [
        file('php-wasm', phpWasm(), 'php.wasm'),
        file('php-wasm-mbstring', 'php8.4-mbstring.so'),
        file('php-wasm-mbstring', 'libonig.so'),
      ],
      licences: [
        npm('php-wasm', 'Apache-2.0', ['LICENSE', 'NOTICE']),
        npm('php-wasm-mbstring', 'Apache-2.0', ['LICENSE', 'NOTICE']),
        { name: 'Oniguruma', version: '6.9', licence: 'BSD-2-Clause', files: [here('oniguruma.txt')] },
        { name: 'PHP', version: '8.4', licence: 'PHP-3.01', files: [here('php.txt')] },
      ],
    },
    goRuntime(),
    {
      id: 'clang',
      title: 'C and C++ (clang)',
      sources: [
        file('@yowasp/clang', 'gen/llvm.core.wasm'),
        file('@yowasp/clang', 'gen/llvm.core2.wasm'),
        file('@yowasp/clang', 'gen/llvm.core3.wasm'),
        file('@yowasp/clang', 'gen/llvm.core4.wasm'),
        file('@yowasp/clang', 'gen/llvm-resources.tar'),
      ],
      licences: [
        { ...npm('@yowasp/clang', 'ISC', []), files: [here('yowasp-clang.txt')] },
        { name: 'LLVM', version: '22', licence: 'Apache-2.0 WITH LLVM-exception', files: [here('llvm.txt')] },
      ],
    },
  ];
}
