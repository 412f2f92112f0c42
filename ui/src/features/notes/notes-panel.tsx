import { Lock } from 'lucide-react';
import { useCallback } from 'react';
import { Empty, Panel } from '../../components/panel';
import { TextField } from '../../components/text-field';
import { TEXTS } from '../../lib/texts';
import { useReadable } from '../../lib/use-readable';
import type { ConnectionState } from '../../sync/room-connection';
import type { SideRoom } from '../../sync/side-room';
import { bindTextField } from '../../sync/text-field';
import classes from './notes-panel.module.css';

const T = TEXTS.beside.notes;

/**
 * NotesPanel is what interviewers write for each other. It lives in a document that nobody else's
 * browser ever gets.
 */
export function NotesPanel({ notes, readOnly = false }: { notes: SideRoom; readOnly?: boolean }) {
  const connection = useReadable(notes.connection);
  const bind = useCallback((field: HTMLTextAreaElement) => bindTextField(field, notes.text), [notes]);
  const loaded = connection.status === 'live' || (connection.status === 'offline' && connection.loaded);
  return (
    <Panel
      title={T.heading}
      foot={
        <span className={classes.foot}>
          <Lock size={13} aria-hidden="true" />
          <span className={classes.lead}>{T.lead}</span>
          <span role="status">{stateText(connection)}</span>
        </span>
      }
    >
      {loaded ? (
        <TextField
          label={T.editor}
          placeholder={readOnly ? '' : T.placeholder}
          readOnly={readOnly}
          bind={bind}
        />
      ) : (
        <Empty title={T.heading} lead={connection.status === 'ended' ? T.refused : T.connecting} />
      )}
    </Panel>
  );
}

function stateText(connection: ConnectionState): string {
  if (connection.status === 'live') return connection.saved ? T.saved : T.saving;
  return connection.status === 'offline' && connection.loaded ? T.offline : '';
}
