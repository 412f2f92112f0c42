import * as Y from 'yjs';
import { cleanFileName, languageOfName } from '../lib/file-names';
import { DEFAULT_LANGUAGE, defaultFileName, isDefaultFileName } from '../lib/languages';
import { MAIN_FILE, readFile, readFiles, type FileInfo } from './files';

/** Below this distance no other order fits between two. */
const CLOSEST = 1e-6;

/** entryOf gives the entry of a file, and makes it where nobody has written one. */
function entryOf(doc: Y.Doc, id: string): Y.Map<unknown> {
  const files = doc.getMap('files');
  const entry = files.get(id);
  if (entry instanceof Y.Map) return entry as Y.Map<unknown>;
  const made = new Y.Map<unknown>([['order', 0]]);
  files.set(id, made);
  return made;
}

function assign(entry: Y.Map<unknown>, fields: Partial<FileInfo>): void {
  for (const [key, value] of Object.entries(fields)) if (entry.get(key) !== value) entry.set(key, value);
}

function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(5)), (byte) =>
    byte.toString(36).padStart(2, '0'),
  ).join('');
}

/**
 * addFile makes a file behind all others and gives its id. Two people who add at once get two
 * files.
 */
export function addFile(doc: Y.Doc, rawName: string, fallback = DEFAULT_LANGUAGE): string {
  const id = newId();
  const name = cleanFileName(rawName);
  const order = Math.max(...readFiles(doc).map((file) => file.order)) + 1;
  const language = languageOfName(name) ?? fallback;
  doc.getMap('files').set(id, new Y.Map<unknown>(Object.entries({ name, language, order })));
  return id;
}

/** renameFile changes the name; the language goes along while it is the one that the name told. */
export function renameFile(doc: Y.Doc, id: string, rawName: string): void {
  const now = readFile(doc, id);
  const name = cleanFileName(rawName);
  if (name === '' || !exists(doc, id)) return;
  const told = languageOfName(now.name) ?? now.language;
  const language = told === now.language ? (languageOfName(name) ?? now.language) : now.language;
  doc.transact(() => assign(entryOf(doc, id), { name, language }));
}

/**
 * setLanguage changes the language of a file for everybody; a name that nobody chose follows it.
 */
export function setLanguage(doc: Y.Doc, id: string, language: string): void {
  const { name } = readFile(doc, id);
  const nextName = id === MAIN_FILE && isDefaultFileName(name) ? defaultFileName(language) : name;
  if (exists(doc, id)) doc.transact(() => assign(entryOf(doc, id), { language, name: nextName }));
}

/**
 * deleteFile takes a file out of the list. Its text stays in the document, so restoreFile brings
 * all of it back, including text that somebody typed meanwhile. The first file cannot be deleted.
 */
export function deleteFile(doc: Y.Doc, id: string): void {
  if (id !== MAIN_FILE) doc.getMap('files').delete(id);
}

/** restoreFile undoes deleteFile. */
export function restoreFile(doc: Y.Doc, { id, name, language, order }: FileInfo): void {
  const files = doc.getMap('files');
  if (files.get(id) instanceof Y.Map) return;
  files.set(id, new Y.Map<unknown>(Object.entries({ name, language, order })));
}

/** moveFile puts a file at that place of the list, counted without it. */
export function moveFile(doc: Y.Doc, id: string, index: number): void {
  if (!exists(doc, id)) return;
  const others = readFiles(doc).filter((file) => file.id !== id);
  const before = others[index - 1]?.order;
  const after = others[index]?.order;
  doc.transact(() => {
    if (before !== undefined && after !== undefined && after - before < CLOSEST) {
      const ids = others.map((file) => file.id);
      ids.splice(index, 0, id);
      ids.forEach((each, order) => assign(entryOf(doc, each), { order }));
      return;
    }
    assign(entryOf(doc, id), { order: between(before, after) });
  });
}

function between(before: number | undefined, after: number | undefined): number {
  if (before === undefined) return after === undefined ? 0 : after - 1;
  return after === undefined ? before + 1 : (before + after) / 2;
}

/** Somebody may have deleted the file a moment ago. Then its entry is not written again. */
function exists(doc: Y.Doc, id: string): boolean {
  return id === MAIN_FILE || doc.getMap('files').get(id) instanceof Y.Map;
}
