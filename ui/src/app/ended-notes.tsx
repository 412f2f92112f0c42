import { EndedPart } from '../features/ended/ended-part';
import { NotesText } from '../features/notes/notes-text';
import type { SavedSession } from '../lib/saved-sessions';
import { TEXTS } from '../lib/texts';
import { useSideRoom } from './use-side-room';

/** EndedNotes is what interviewers wrote for each other, after the end. */
export function EndedNotes({ saved }: { saved: SavedSession }) {
  const notes = useSideRoom(saved, 'notes', true);
  return <EndedPart title={TEXTS.session.ended.notes}>{notes && <NotesText notes={notes} />}</EndedPart>;
}
