/** Language is one that a file can be written in here. */
export interface Language {
  /** Stable id, as in the document and the API; also Monaco's language id. */
  id: string;
  label: string;
  fileName: string;
}

export const LANGUAGES: readonly Language[] = [
  { id: 'javascript', label: 'JavaScript', fileName: 'main.js' },
  { id: 'python', label: 'Python', fileName: 'main.py' },
];

export const DEFAULT_LANGUAGE = 'javascript';

/** languageLabel names any language, also one that this client cannot run. */
export function languageLabel(id: string): string {
  return LANGUAGES.find((l) => l.id === id)?.label ?? id;
}

/** defaultFileName is what a first file in this language is called. */
export function defaultFileName(id: string): string {
  return LANGUAGES.find((l) => l.id === id)?.fileName ?? 'main.txt';
}

/** isDefaultFileName tells a name that nobody chose, so that it may follow the language. */
export function isDefaultFileName(name: string): boolean {
  return name === 'main.txt' || LANGUAGES.some((l) => l.fileName === name);
}
