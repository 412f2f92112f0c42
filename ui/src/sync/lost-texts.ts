import * as Y from 'yjs';
import { readFile } from './files';

/** LostText is what somebody wrote into one text of a session and the server did not accept. */
export interface LostText {
  /** Name of the file; "" for a text that is no file: the problem, the notes. */
  file: string;
  text: string;
}

const FILE = /^file:(.+)$/;
const OTHER_TEXTS: readonly string[] = ['prompt', 'notes'];

/** For each client the ranges [from, to) of its clock. */
type Ranges = Map<number, [number, number][]>;

/**
 * lostTexts gives an update's insertions that the document shows, text by text. Text typed at one
 * place stays together. Deletions are left out, because the server still has the deleted text.
 * theirs is what the server has anyway, by client.
 */
export function lostTexts(
  doc: Y.Doc,
  update: Uint8Array,
  theirs: ReadonlyMap<number, number> = new Map(),
): readonly LostText[] {
  const ranges = insertedBy(update, theirs);
  return [...doc.share.keys()].flatMap((root) => {
    const id = FILE.exec(root)?.[1];
    if (id === undefined && !OTHER_TEXTS.includes(root)) return [];
    const text = piecesOf(doc.getText(root), ranges).join('\n');
    return text.trim() === '' ? [] : [{ file: id === undefined ? '' : readFile(doc, id).name, text }];
  });
}

function insertedBy(update: Uint8Array, theirs: ReadonlyMap<number, number>): Ranges {
  const ranges: Ranges = new Map();
  for (const struct of Y.decodeUpdate(update).structs) {
    if (!(struct instanceof Y.Item)) continue;
    const { client, clock } = struct.id;
    const list = ranges.get(client) ?? [];
    list.push([Math.max(clock, theirs.get(client) ?? 0), clock + struct.length]);
    ranges.set(client, list);
  }
  return ranges;
}

/** piecesOf reads a text from its start; whatever else is shown in between ends a piece. */
function piecesOf(text: Y.Text, ranges: Ranges): string[] {
  const pieces: string[] = [];
  let open = false;
  for (let item: Y.Item | null = text._start; item; item = item.right) {
    if (item.deleted || !(item.content instanceof Y.ContentString)) continue;
    const { client, clock } = item.id;
    const { str } = item.content;
    for (let at = 0; at < str.length; at++) {
      const lost = ranges.get(client)?.some(([from, to]) => clock + at >= from && clock + at < to) ?? false;
      if (lost) pieces.push(`${open ? (pieces.pop() ?? '') : ''}${str.charAt(at)}`);
      open = lost;
    }
  }
  return pieces;
}
