import { readdirSync } from 'node:fs';
import hooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';
import { noImportCycle } from './lint/no-import-cycle.js';

const features = readdirSync(new URL('src/features', import.meta.url));

/** @param {string} regex of import paths @param {string} message */
const forbid = (regex, message) => ({
  'no-restricted-imports': ['error', { patterns: [{ regex, message }] }],
});

/** folder matches a relative import from one of our own folders. @param {...string} names */
const folder = (...names) => `^\\.{1,2}/(.*/)?(${names.join('|')})/`;
const FRAMEWORKS = '^(react|react-.*|@mantine)(/|$)';

/** outsideOf matches imports that leave a feature. @param {string} name */
const outsideOf = (name) => folder('app', 'features', ...features.filter((other) => other !== name));

/** Folders of src/app with the pages of one kind; src/app/session has what they share. */
const pages = ['entry', 'room', 'ended'];

/** Imports point one way: app → features → sync, components, lib. sandbox imports none of them. */
const layers = [
  ...[...pages, 'session'].map((name) => ({
    files: [`src/app/${name}/**/*.{ts,tsx}`],
    rules: forbid(
      `^(\\.\\./)+(${pages.filter((other) => other !== name).join('|')})/`,
      'A page does not know other pages; what they share stands in src/app/session.',
    ),
  })),
  ...features.map((name) => ({
    files: [`src/features/${name}/**/*.{ts,tsx}`],
    rules: forbid(outsideOf(name), 'A feature knows neither other features nor the app; src/app joins them.'),
  })),
  ...[
    ['sandbox', 'output', 'control'],
    ['output', 'control'],
  ].map(([name, ...above]) => ({
    files: [`src/features/run/${name}/**/*.{ts,tsx}`],
    rules: forbid(
      `${outsideOf('run')}|${folder(...above)}`,
      'In features/run imports point from control to output to sandbox.',
    ),
  })),
  {
    files: ['src/sync/**/*.ts'],
    rules: forbid(
      `${FRAMEWORKS}|${folder('app', 'features', 'components')}`,
      'sync is free of frameworks; hooks adapt it.',
    ),
  },
  {
    files: ['src/replay/**/*.ts'],
    rules: forbid(
      `${FRAMEWORKS}|${folder('app', 'features', 'components')}`,
      'The tape and its player are free of frameworks; features/replay draws what they say.',
    ),
  },
  {
    files: ['src/{components,lib}/**/*.{ts,tsx}'],
    rules: forbid(folder('app', 'features', 'sync'), 'components and lib know no interviews.'),
  },
  {
    files: ['src/sandbox/**/*.ts'],
    rules: forbid(
      `${FRAMEWORKS}|${folder('app', 'features', 'sync', 'components', 'lib')}`,
      'What runs beside user code imports nothing of the page.',
    ),
  },
];

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', 'src/lib/api-types.gen.ts'] },
  ...tseslint.configs.strict,
  { files: ['**/*.tsx', '**/use-*.ts'], ...hooks.configs.flat['recommended-latest'] },
  {
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      'max-lines': ['error', { max: 500 }],
      'max-lines-per-function': ['error', { max: 80, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', 4],
      'max-depth': ['error', 3],
      // Prettier looks after code.
      'max-len': ['error', { code: 1000, comments: 100, ignoreUrls: true }],
      'no-console': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    plugins: { parley: { rules: { 'no-import-cycle': noImportCycle } } },
    rules: { 'parley/no-import-cycle': 'error' },
  },
  { files: ['**/*.test.{ts,tsx,js}', 'e2e/**'], rules: { 'max-lines-per-function': 'off' } },
  ...layers,
);
