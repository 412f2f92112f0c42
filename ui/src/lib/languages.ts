/** Language is one that a file can be written in here. */
export interface Language {
  /** Stable id, as in the document and the API; also Monaco's language id. */
  id: string;
  label: string;
  fileName: string;
}

const language = (id: string, label: string, fileName: string): Language => ({ id, label, fileName });

/** RUNNABLE are those whose programs run in the browser. */
export const RUNNABLE: readonly Language[] = [
  language('javascript', 'JavaScript', 'main.js'),
  language('typescript', 'TypeScript', 'main.ts'),
  language('python', 'Python', 'main.py'),
  language('go', 'Go', 'main.go'),
  language('ruby', 'Ruby', 'main.rb'),
  language('php', 'PHP', 'main.php'),
  language('c', 'C', 'main.c'),
  language('cpp', 'C++ (beta)', 'main.cpp'),
  language('lua', 'Lua', 'main.lua'),
  language('sql', 'SQL (SQLite)', 'main.sql'),
  language('pgsql', 'SQL (PostgreSQL)', 'main.pgsql'),
  language('html', 'HTML, CSS, JS', 'index.html'),
];

/** EDITABLE are highlighted, and say plainly that they cannot be run here. */
export const EDITABLE: readonly Language[] = [
  language('clojure', 'Clojure', 'main.clj'),
  language('csharp', 'C#', 'Main.cs'),
  language('css', 'CSS', 'style.css'),
  language('dart', 'Dart', 'main.dart'),
  language('dockerfile', 'Dockerfile', 'Dockerfile'),
  language('elixir', 'Elixir', 'main.exs'),
  language('fsharp', 'F#', 'main.fs'),
  language('graphql', 'GraphQL', 'schema.graphql'),
  language('java', 'Java', 'Main.java'),
  language('json', 'JSON', 'data.json'),
  language('julia', 'Julia', 'main.jl'),
  language('kotlin', 'Kotlin', 'main.kt'),
  language('markdown', 'Markdown', 'notes.md'),
  language('objective-c', 'Objective-C', 'main.m'),
  language('perl', 'Perl', 'main.pl'),
  language('plaintext', 'Plain text', 'main.txt'),
  language('powershell', 'PowerShell', 'main.ps1'),
  language('r', 'R', 'main.r'),
  language('rust', 'Rust', 'main.rs'),
  language('scala', 'Scala', 'Main.scala'),
  language('scheme', 'Scheme', 'main.scm'),
  language('shell', 'Shell', 'main.sh'),
  language('swift', 'Swift', 'main.swift'),
  language('xml', 'XML', 'data.xml'),
  language('yaml', 'YAML', 'data.yaml'),
];

export const LANGUAGES: readonly Language[] = [...RUNNABLE, ...EDITABLE];

export const DEFAULT_LANGUAGE = 'javascript';

/** languageLabel names any language, also one that this client does not know. */
export function languageLabel(id: string): string {
  return LANGUAGES.find((l) => l.id === id)?.label ?? id;
}

/** defaultFileName is what a first file in this language is called. */
export function defaultFileName(id: string): string {
  return LANGUAGES.find((l) => l.id === id)?.fileName ?? 'main.txt';
}

/** isDefaultFileName tells a name that nobody chose, so that it may follow the language. */
export function isDefaultFileName(name: string): boolean {
  return LANGUAGES.some((l) => l.fileName === name);
}
