/** Longest name of a file, in characters as people count them (code points). */
export const MAX_FILE_NAME = 80;

// Control, format (bidi overrides, zero-width), surrogate halves, private use and line separators.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu;

/** More combining marks than this on one letter is a drawing over the neighbours, not a name. */
const STACKED_MARKS = /(\p{M}{3})\p{M}+/gu;

/**
 * cleanFileName makes a name safe to show: nothing invisible, nothing that turns the text around, a
 * bounded length.
 */
export function cleanFileName(raw: string): string {
  const printable = raw.slice(0, 4 * MAX_FILE_NAME).replace(UNPRINTABLE, '');
  const calm = printable.replace(STACKED_MARKS, '$1').replace(/\s+/g, ' ').trim();
  return [...calm].slice(0, MAX_FILE_NAME).join('').trim();
}

/** What can be wrong with a name that somebody typed. */
export type FileNameFault = 'empty' | 'tooLong' | 'slash' | 'dots' | 'taken';

/** faultInName says why a file cannot be called that; null when it can. */
export function faultInName(raw: string, others: readonly string[]): FileNameFault | null {
  const name = raw.replace(UNPRINTABLE, '').replace(/\s+/g, ' ').trim();
  if (name === '') return 'empty';
  if ([...name].length > MAX_FILE_NAME) return 'tooLong';
  if (/[\\/]/.test(name)) return 'slash';
  if (/^\.+$/.test(name)) return 'dots';
  const same = cleanFileName(name).toLowerCase();
  return others.some((other) => other.toLowerCase() === same) ? 'taken' : null;
}

/** Languages by extension, each by its Monaco id. */
const EXTENSIONS: Record<string, string> = {
  js: 'javascript',
  mjs: 'javascript',
  cjs: 'javascript',
  jsx: 'javascript',
  ts: 'typescript',
  mts: 'typescript',
  cts: 'typescript',
  tsx: 'typescript',
  py: 'python',
  html: 'html',
  htm: 'html',
  css: 'css',
  scss: 'scss',
  less: 'less',
  json: 'json',
  md: 'markdown',
  sql: 'sql',
  rb: 'ruby',
  php: 'php',
  go: 'go',
  c: 'c',
  h: 'c',
  cc: 'cpp',
  cpp: 'cpp',
  cxx: 'cpp',
  hpp: 'cpp',
  java: 'java',
  rs: 'rust',
  cs: 'csharp',
  kt: 'kotlin',
  swift: 'swift',
  lua: 'lua',
  r: 'r',
  scm: 'scheme',
  sh: 'shell',
  bash: 'shell',
  yaml: 'yaml',
  yml: 'yaml',
  xml: 'xml',
  svg: 'xml',
  ini: 'ini',
  toml: 'ini',
  pl: 'perl',
  ex: 'elixir',
  exs: 'elixir',
  clj: 'clojure',
  dart: 'dart',
  scala: 'scala',
  graphql: 'graphql',
  txt: 'plaintext',
};

/** extensionOf gives what stands behind the last dot, in lower case; "" when nothing does. */
export function extensionOf(name: string): string {
  return /[^./\\]\.([A-Za-z0-9]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
}

/** languageOfName guesses the language of a file by its name; null when the name does not tell. */
export function languageOfName(name: string): string | null {
  if (/^dockerfile$/i.test(name)) return 'dockerfile';
  const extension = extensionOf(name);
  return Object.hasOwn(EXTENSIONS, extension) ? (EXTENSIONS[extension] ?? null) : null;
}

/** numbered tells apart files of one name: "utils.js", "utils (2).js". */
export function numbered(name: string, count: number): string {
  if (count < 2) return name;
  const extension = extensionOf(name);
  const stem = extension ? name.slice(0, -extension.length - 1) : name;
  return `${stem} (${count})${extension ? name.slice(-extension.length - 1) : ''}`;
}
