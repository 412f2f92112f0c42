import type { Room } from '../../../sync/room';

/** How long the document may take to follow the answer of the server, in milliseconds. */
const PATIENCE_MS = 5_000;

/** openFirst shows the file that a question has just brought. It may come after the answer. */
export function openFirst(room: Pick<Room, 'files' | 'active'>): void {
  const first = () => room.files.getSnapshot()[0]?.id ?? '';
  const before = first();
  room.active.open(before);
  const stop = room.files.subscribe(() => {
    if (first() === before) return;
    room.active.open(first());
    stop();
  });
  setTimeout(stop, PATIENCE_MS);
}
