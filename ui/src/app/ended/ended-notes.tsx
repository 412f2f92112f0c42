import { EndedPart } from '../../features/ended/ended-part';
import { NotesText } from '../../features/notes/notes-text';
import { ended } from '../../lib/texts/ended';
import type { SideRoom } from '../../sync/side-room';

/** EndedNotes shows, after the end, the notes that interviewers wrote for each other. */
export function EndedNotes({ notes }: { notes: SideRoom | null }) {
  return <EndedPart title={ended.notes}>{notes && <NotesText notes={notes} />}</EndedPart>;
}
