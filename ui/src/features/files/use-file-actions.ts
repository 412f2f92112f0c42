import { useState } from 'react';
import { addFile, deleteFile, moveFile, renameFile } from '../../sync/file-edits';
import type { Room } from '../../sync/room';
import { tabId } from './ids';

/** Which name is being asked for: of a file, of a new one, or none. */
export type Asking = { kind: 'rename'; id: string } | { kind: 'add' } | null;

/** focusTab waits until the tab is drawn: it may be new, or have been a field. */
function focusTab(id: string): void {
  setTimeout(() => document.getElementById(tabId(id))?.focus());
}

/** useFileActions gives the actions on files. Each leaves the focus on the tab of its file. */
export function useFileActions(room: Room) {
  const { doc, active } = room;
  const [asking, setAsking] = useState<Asking>(null);

  const named = (name: string) => {
    const id = asking?.kind === 'rename' ? asking.id : addFile(doc, name, active.getSnapshot().language);
    if (asking?.kind === 'rename') renameFile(doc, id, name);
    else active.open(id);
    setAsking(null);
    focusTab(id);
  };
  const cancel = () => {
    setAsking(null);
    focusTab(active.getSnapshot().id);
  };
  const move = (id: string, by: -1 | 1) => {
    const files = room.files.getSnapshot();
    const index = files.findIndex((file) => file.id === id) + by;
    if (index < 0 || index >= files.length) return;
    moveFile(doc, id, index);
    focusTab(id);
  };
  const remove = (id: string) => {
    deleteFile(doc, id);
    focusTab(active.getSnapshot().id);
  };
  return {
    asking,
    add: () => setAsking({ kind: 'add' }),
    rename: (id: string) => setAsking({ kind: 'rename', id }),
    named,
    cancel,
    move,
    remove,
    open: (id: string) => active.open(id),
    place: (id: string, index: number) => moveFile(doc, id, index),
  };
}
