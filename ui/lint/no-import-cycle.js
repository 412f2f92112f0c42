import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import ts from 'typescript';

/**
 * no-import-cycle reports a file that imports itself by way of others. Imports of types alone
 * count: who wants to understand one file of a circle has to read all of them. (The rules of the
 * import plugins leave them out.)
 */
export const noImportCycle = {
  meta: {
    type: 'problem',
    schema: [],
    messages: { cycle: 'These files import each other in a circle: {{route}}.' },
  },
  create(context) {
    const file = context.physicalFilename;
    const check = ({ source }) => {
      if (typeof source?.value !== 'string') return;
      const target = resolveImport(file, source.value);
      const way = target && wayBack(target, file);
      if (!way) return;
      const route = [file, ...way].map((step) => relative(context.cwd, step)).join(' → ');
      context.report({ node: source, messageId: 'cycle', data: { route } });
    };
    return {
      ImportDeclaration: check,
      ImportExpression: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
    };
  },
};

/**
 * wayBack lists the files from one to another along their imports, the shortest way; null: there is
 * none.
 */
function wayBack(from, to) {
  const before = new Map([[from, null]]);
  for (const file of before.keys()) {
    if (file === to) {
      const way = [];
      for (let step = to; step; step = before.get(step)) way.unshift(step);
      return way;
    }
    for (const next of importsOf(file)) if (!before.has(next)) before.set(next, file);
  }
  return null;
}

/**
 * What each file imports, and when the file was last written: editors keep the rule alive between
 * changes.
 */
const known = new Map();

function importsOf(file) {
  const { mtimeMs } = statSync(file);
  const found = known.get(file);
  if (found?.mtimeMs === mtimeMs) return found.imports;
  const { importedFiles } = ts.preProcessFile(readFileSync(file, 'utf8'), true, true);
  const imports = importedFiles.flatMap(({ fileName }) => resolveImport(file, fileName) ?? []);
  known.set(file, { mtimeMs, imports });
  return imports;
}

/**
 * The file that a relative import names, if it is one of ours; packages and style sheets import
 * nothing back.
 */
function resolveImport(from, specifier) {
  if (!specifier.startsWith('.')) return null;
  const path = resolve(dirname(from), specifier.replace(/\?.*$/, ''));
  return [path, `${path}.ts`, `${path}.tsx`].find((each) => /\.tsx?$/.test(each) && existsSync(each)) ?? null;
}
