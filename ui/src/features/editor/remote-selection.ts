import type { Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';

/** A selection as it stands in an Awareness state. */
export interface RemoteSelection {
  anchor: Y.RelativePosition;
  head: Y.RelativePosition;
}

/** Client ids are at most 53 bits, and so are clocks. */
function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** undefined: malformed. */
function readId(value: unknown): Y.ID | null | undefined {
  if (value == null) return null;
  if (!isRecord(value) || !isCount(value.client) || !isCount(value.clock)) return undefined;
  return Y.createID(value.client, value.clock);
}

/**
 * readPosition checks one relative position from another browser. Yjs trusts them: one without an
 * item, type or name throws inside every later update, and each unknown type name makes a new root
 * type. So only positions in the text called textName are accepted.
 */
function readPosition(value: unknown, textName: string): Y.RelativePosition | null {
  if (!isRecord(value)) return null;
  const type = readId(value.type);
  const item = readId(value.item);
  const { tname, assoc } = value;
  if (type === undefined || item === undefined) return null;
  if (tname != null && tname !== textName) return null;
  if (assoc != null && (typeof assoc !== 'number' || !Number.isSafeInteger(assoc))) return null;
  if (item === null && type === null && tname == null) return null;
  return new Y.RelativePosition(type, tname ?? null, item, assoc ?? 0);
}

/** Cursors of one person beyond this many are not shared: a state may have 4 KiB. */
export const MAX_SELECTIONS = 16;

/**
 * readSelection checks one selection from another browser; null unless it is whole and in the named
 * text.
 */
export function readSelection(value: unknown, textName: string): RemoteSelection | null {
  if (!isRecord(value)) return null;
  const anchor = readPosition(value.anchor, textName);
  const head = readPosition(value.head, textName);
  return anchor && head ? { anchor, head } : null;
}

/**
 * readSelections gives the selections of an Awareness state that are whole, the first cursor first.
 */
export function readSelections(state: unknown, textName: string): RemoteSelection[] {
  if (!isRecord(state)) return [];
  const further: unknown[] = Array.isArray(state.selections) ? state.selections : [];
  return [state.selection, ...further]
    .slice(0, MAX_SELECTIONS)
    .map((value) => readSelection(value, textName))
    .filter((selection) => selection !== null);
}

/** A selection in a text, as offsets in UTF-16 units. */
export interface TextSelection {
  anchor: number;
  head: number;
}

/** Others whose cursors are drawn: each is resolved in the text anew with every frame. */
export const MAX_CURSORS = 64;

/** checkedSelections gives what can be drawn: of others, whole, in this text, and resolvable. */
export function checkedSelections(
  awareness: Awareness,
  text: Y.Text,
  textName: string,
): Map<number, TextSelection[]> {
  const checked = new Map<number, TextSelection[]>();
  for (const [clientId, state] of awareness.getStates()) {
    if (clientId === awareness.clientID || clientId === text.doc?.clientID) continue;
    if (checked.size >= MAX_CURSORS) break;
    const selections = selectionsIn(state, text, textName);
    if (selections.length > 0) checked.set(clientId, selections);
  }
  return checked;
}

/** selectionsIn resolves the selections of one state in a text. */
export function selectionsIn(state: unknown, text: Y.Text, textName: string): TextSelection[] {
  return readSelections(state, textName)
    .map((selection) => resolve(selection, text))
    .filter((selection) => selection !== null);
}

function resolve(selection: RemoteSelection, text: Y.Text): TextSelection | null {
  const { doc } = text;
  if (!doc) return null;
  try {
    const [anchor, head] = [selection.anchor, selection.head].map((position) =>
      Y.createAbsolutePositionFromRelativePosition(position, doc),
    );
    if (anchor?.type !== text || head?.type !== text) return null;
    return { anchor: anchor.index, head: head.index };
  } catch {
    return null;
  }
}
