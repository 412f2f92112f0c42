import * as Y from 'yjs';
import { DEFAULT_LANGUAGE, defaultFileName, isDefaultFileName } from '../lib/languages';
import { Value, type Readable } from '../lib/readable';

/** Id of a session's first file. */
export const MAIN_FILE = 'main';

/** FileInfo describes one file of the session; its text stands apart, in fileText. */
export interface FileInfo {
  id: string;
  name: string;
  language: string;
  order: number;
}

/** fileText is the shared text of a file. Line ends are "\n". */
export function fileText(doc: Y.Doc, id: string): Y.Text {
  return doc.getText(`file:${id}`);
}

/** readFile describes a file, with defaults for whatever nobody has written yet. It never writes. */
export function readFile(doc: Y.Doc, id: string): FileInfo {
  const entry: unknown = doc.getMap('files').get(id);
  const field = (key: string): unknown => (entry instanceof Y.Map ? entry.get(key) : undefined);
  const language = field('language');
  const name = field('name');
  const order = field('order');
  const known = typeof language === 'string' && language !== '' ? language : DEFAULT_LANGUAGE;
  return {
    id,
    language: known,
    name: typeof name === 'string' && name !== '' ? name : defaultFileName(known),
    order: typeof order === 'number' ? order : 0,
  };
}

/** setLanguage changes the language of a file for everybody; a name that nobody chose follows it. */
export function setLanguage(doc: Y.Doc, id: string, language: string): void {
  const { name } = readFile(doc, id);
  const nextName = isDefaultFileName(name) ? defaultFileName(language) : name;
  doc.transact(() => {
    const files = doc.getMap('files');
    let entry = files.get(id);
    if (!(entry instanceof Y.Map)) {
      entry = new Y.Map<unknown>([['order', 0]]);
      files.set(id, entry);
    }
    const map = entry as Y.Map<unknown>;
    if (map.get('language') !== language) map.set('language', language);
    if (map.get('name') !== nextName) map.set('name', nextName);
  });
}

/** SharedFile follows the description of one file. */
export class SharedFile implements Readable<FileInfo> {
  readonly #doc: Y.Doc;
  readonly #id: string;
  readonly #value: Value<FileInfo>;

  readonly subscribe: Readable<FileInfo>['subscribe'];
  readonly getSnapshot: Readable<FileInfo>['getSnapshot'];

  constructor(doc: Y.Doc, id: string) {
    this.#doc = doc;
    this.#id = id;
    this.#value = new Value(readFile(doc, id));
    this.subscribe = this.#value.subscribe;
    this.getSnapshot = this.#value.getSnapshot;
    doc.getMap('files').observeDeep(this.#refresh);
  }

  dispose(): void {
    this.#doc.getMap('files').unobserveDeep(this.#refresh);
  }

  readonly #refresh = (): void => {
    const next = readFile(this.#doc, this.#id);
    const now = this.#value.getSnapshot();
    const same = next.name === now.name && next.language === now.language && next.order === now.order;
    if (!same) this.#value.set(next);
  };
}
