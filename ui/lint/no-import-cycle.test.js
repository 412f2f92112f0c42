import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Linter } from 'eslint';
import tseslint from 'typescript-eslint';
import { afterEach, describe, expect, it } from 'vitest';
import { noImportCycle } from './no-import-cycle.js';

const folders = [];

/** Lints one file of a small project and gives what the rule says. */
function lint(files, name) {
  const root = mkdtempSync(join(tmpdir(), 'no-import-cycle-'));
  folders.push(root);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const config = {
    files: ['**/*.ts', '**/*.tsx'],
    languageOptions: { parser: tseslint.parser },
    plugins: { parley: { rules: { 'no-import-cycle': noImportCycle } } },
    rules: { 'parley/no-import-cycle': 'error' },
  };
  const linter = new Linter({ cwd: root });
  return linter.verify(files[name], [config], { filename: join(root, name) }).map(({ message }) => message);
}

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

describe('no-import-cycle', () => {
  it('leaves alone what imports without a circle', () => {
    const files = {
      'a.ts': "import { b } from './in/b';\nimport 'yjs';\nimport './a.css';\nexport const a = b;\n",
      'in/b.ts': "import { c } from './c';\nexport const b = c;\n",
      'in/c.ts': 'export const c = 1;\n',
    };
    expect(lint(files, 'a.ts')).toEqual([]);
  });

  it.each([
    ['values', "import { a } from '../a';\nexport const b = () => a;\n"],
    ['types', "import type { A } from '../a';\nexport type B = A;\n"],
    ['a type among values', "import { type A } from '../a';\nexport type B = A;\n"],
    ['what is exported again', "export { a } from '../a';\n"],
    ['what is loaded later', "export const b = () => import('../a');\n"],
  ])('finds a circle of two files by %s', (_by, b) => {
    const files = { 'a.ts': "import type {} from './in/b';\nexport const a = 1;\n", 'in/b.ts': b };
    expect(lint(files, 'a.ts')).toEqual([
      `These files import each other in a circle: a.ts → ${join('in', 'b.ts')} → a.ts.`,
    ]);
    expect(lint(files, 'in/b.ts')).toHaveLength(1);
  });

  it('names the way of a longer one, and the file that is in none is left alone', () => {
    const files = {
      'start.ts': "import './a';\n",
      'a.ts': "import './b';\n",
      'b.tsx': "import './c';\n",
      'c.ts': "import './a';\n",
    };
    expect(lint(files, 'b.tsx')).toEqual([
      'These files import each other in a circle: b.tsx → c.ts → a.ts → b.tsx.',
    ]);
    expect(lint(files, 'start.ts')).toEqual([]);
  });
});
