import { useMemo } from 'react';
import { TEXTS } from '../../lib/texts';
import { ended } from '../../lib/texts/ended';
import { useReadable } from '../../lib/use-readable';
import type { SideRoom } from '../../sync/side-room';
import { textOf } from '../../sync/text-field';
import classes from './notes-panel.module.css';

/** NotesText shows the notes to be read. */
export function NotesText({ notes }: { notes: SideRoom }) {
  const readable = useMemo(() => textOf(notes.text), [notes]);
  const text = useReadable(readable);
  const { status } = useReadable(notes.connection);
  if (text.trim() === '') {
    const words = status === 'live' ? ended.noNotes : TEXTS.beside.notes.connecting;
    return <p className={classes.none}>{words}</p>;
  }
  return <p className={classes.text}>{text}</p>;
}
