import * as Y from 'yjs';
import { cleanFileName, languageOfName, numbered } from '../lib/file-names';
import { DEFAULT_LANGUAGE, defaultFileName } from '../lib/languages';
import { Derived, type Readable } from '../lib/readable';
import { clientOf, fairShare } from './fair-share';

/**
 * Id of a session's first file. It is always there: the session's code and language are its own.
 */
export const MAIN_FILE = 'main';

/** A session shows this many files, whatever others write into its document. */
export const MAX_FILES = 60;

/** FileInfo describes one file of the session; its text stands apart, in fileText. */
export interface FileInfo {
  id: string;
  /** Fit to be shown, and different from that of every other file. */
  name: string;
  /** Monaco's id of it. */
  language: string;
  order: number;
}

/** fileText is the shared text of a file. Line ends are "\n". */
export function fileText(doc: Y.Doc, id: string): Y.Text {
  return doc.getText(`file:${id}`);
}

const ID = /^[A-Za-z0-9_-]{1,64}$/;
const LANGUAGE_ID = /^[a-z][a-z0-9+#.-]{0,31}$/;

/**
 * readFile describes a file, with defaults for whatever is missing or malformed. It never writes.
 */
export function readFile(doc: Y.Doc, id: string): FileInfo {
  const entry: unknown = doc.getMap('files').get(id);
  const field = (key: string): unknown => (entry instanceof Y.Map ? entry.get(key) : undefined);
  const [rawName, rawLanguage, order] = [field('name'), field('language'), field('order')];
  const named = typeof rawName === 'string' ? cleanFileName(rawName) : '';
  const chosen = typeof rawLanguage === 'string' && LANGUAGE_ID.test(rawLanguage) ? rawLanguage : null;
  const language = chosen ?? languageOfName(named) ?? DEFAULT_LANGUAGE;
  const name = named || (id === MAIN_FILE ? defaultFileName(language) : `untitled-${id.slice(0, 4)}`);
  return { id, language, name, order: typeof order === 'number' && Number.isFinite(order) ? order : 0 };
}

/**
 * readFiles lists the session's files in their order. The first one is there even if nobody wrote
 * its entry.
 */
export function readFiles(doc: Y.Doc): readonly FileInfo[] {
  const files = doc.getMap('files');
  const others = [...files.keys()].filter(
    (id) => id !== MAIN_FILE && ID.test(id) && files.get(id) instanceof Y.Map,
  );
  const shown = fairShare(others, MAX_FILES - 1, (id) => clientOf(files.get(id) as Y.Map<unknown>));
  return tellApart([MAIN_FILE, ...shown].map((id) => readFile(doc, id)).sort(inOrder));
}

/** filesByName gives the texts of all files, for a program that reads or imports them. */
export function filesByName(doc: Y.Doc): Record<string, string> {
  return Object.fromEntries(readFiles(doc).map(({ id, name }) => [name, fileText(doc, id).toString()]));
}

function inOrder(a: FileInfo, b: FileInfo): number {
  if (a.order !== b.order) return a.order - b.order;
  return a.id < b.id ? -1 : 1;
}

/**
 * Two people can make files with the same name at the same time. Everybody sees the same names for
 * them.
 */
function tellApart(files: readonly FileInfo[]): readonly FileInfo[] {
  const taken = new Set<string>();
  return files.map((file) => {
    let count = 1;
    while (taken.has(numbered(file.name, count).toLowerCase())) count += 1;
    const name = numbered(file.name, count);
    taken.add(name.toLowerCase());
    return name === file.name ? file : { ...file, name };
  });
}

/** SharedFiles follows the list of files. */
export class SharedFiles implements Readable<readonly FileInfo[]> {
  readonly #doc: Y.Doc;
  readonly #value: Derived<readonly FileInfo[]>;

  readonly subscribe: Readable<readonly FileInfo[]>['subscribe'];
  readonly getSnapshot: Readable<readonly FileInfo[]>['getSnapshot'];

  constructor(doc: Y.Doc) {
    this.#doc = doc;
    this.#value = new Derived((before) => this.#read(before ?? []));
    this.subscribe = this.#value.subscribe;
    this.getSnapshot = this.#value.getSnapshot;
    doc.getMap('files').observeDeep(this.#value.changed);
  }

  find(id: string): FileInfo | null {
    return this.getSnapshot().find((file) => file.id === id) ?? null;
  }

  dispose(): void {
    this.#doc.getMap('files').unobserveDeep(this.#value.changed);
    this.#value.dispose();
  }

  #read(now: readonly FileInfo[]): readonly FileInfo[] {
    const same = new Map(now.map((file) => [file.id, file]));
    // What did not change stays the same object, so that nobody draws it again.
    const next = readFiles(this.#doc).map((file) => {
      const old = same.get(file.id);
      return old && sameFile(old, file) ? old : file;
    });
    const changed = next.length !== now.length || next.some((file, index) => file !== now[index]);
    return changed ? next : now;
  }
}

function sameFile(a: FileInfo, b: FileInfo): boolean {
  return a.name === b.name && a.language === b.language && a.order === b.order;
}
