import type { Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';

/** A selection as y-monaco reads it from an Awareness state. */
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
 * readPosition checks one relative position from another browser. Yjs trusts them blindly: one without an
 * item, type or name throws inside of every later update, and each unknown type name makes a new root type.
 * So only positions in the text called textName are taken.
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

/** readSelection gives the selection of an Awareness state if it is whole and in the named text, else null. */
export function readSelection(state: unknown, textName: string): RemoteSelection | null {
  const selection = isRecord(state) ? state.selection : null;
  if (!isRecord(selection)) return null;
  const anchor = readPosition(selection.anchor, textName);
  const head = readPosition(selection.head, textName);
  return anchor && head ? { anchor, head } : null;
}

/** checkedSelections gives the states that can be drawn: of others, whole, in this text, and resolvable. */
export function checkedSelections(
  awareness: Awareness,
  text: Y.Text,
  textName: string,
): Map<number, { selection: RemoteSelection }> {
  const checked = new Map<number, { selection: RemoteSelection }>();
  for (const [clientId, state] of awareness.getStates()) {
    if (clientId === awareness.clientID || clientId === text.doc?.clientID) continue;
    const selection = readSelection(state, textName);
    if (selection && resolves(selection, text)) checked.set(clientId, { selection });
  }
  return checked;
}

function resolves(selection: RemoteSelection, text: Y.Text): boolean {
  if (!text.doc) return false;
  try {
    const { doc } = text;
    return [selection.anchor, selection.head].every(
      (position) => Y.createAbsolutePositionFromRelativePosition(position, doc)?.type === text,
    );
  } catch {
    return false;
  }
}
