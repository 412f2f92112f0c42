import { useCallback, useEffect } from 'react';
import { useNavigate } from 'react-router';
import { EditorSkeleton } from '../../features/editor/editor-skeleton';
import { preloadEditor } from '../../features/editor/lazy-editor';
import { WaitingRoom } from '../../features/lobby/waiting-room';
import type { Api } from '../../lib/api';
import { forgetSession } from '../../lib/saved-sessions';
import { TEXTS } from '../../lib/texts';
import { useReadable } from '../../lib/use-readable';
import type { LostText } from '../../sync/lost-texts';
import type { SideRoom } from '../../sync/side-room';
import { Setup } from './setup';
import { useRecorded } from '../session/use-recorded';
import { useRefresh } from '../session/use-refresh';
import type { SessionRecord } from '../session/use-session-record';
import { useSideRoom } from '../session/use-side-room';
import { useTitle } from '../use-title';

export interface WaitingPageProps {
  api: Api;
  record: SessionRecord;
  /** Called with the close code when the server ended this person's part for good. */
  onEnded: (code: number, lost: readonly LostText[]) => void;
}

/** WaitingPage is the lobby for people who have to wait. It goes on to the room by itself. */
export function WaitingPage(props: WaitingPageProps) {
  const { room: lobby } = useSideRoom(props.record.saved, 'lobby', true);
  useEffect(preloadEditor, []);
  return lobby ? <Waiting {...props} lobby={lobby} /> : <EditorSkeleton />;
}

function Waiting({ api, record, onEnded, lobby }: WaitingPageProps & { lobby: SideRoom }) {
  const { saved, session, refresh } = record;
  const navigate = useNavigate();
  const connection = useReadable(lobby.connection);
  const people = useReadable(lobby.people);
  const title = session?.title || saved.title || TEXTS.room.untitled;
  useTitle(title);
  useRefresh(lobby, refresh);
  useRecorded(lobby, record, null);
  useEffect(() => {
    if (connection.status === 'ended') onEnded(connection.code, connection.lost);
  }, [connection, onEnded]);

  const leave = useCallback(() => {
    const { id, token, participant } = saved;
    forgetSession(id);
    void api.removeParticipant({ id, token, pid: participant.id }).catch(() => undefined);
    void navigate('/');
  }, [api, saved, navigate]);

  return (
    <WaitingRoom
      title={title}
      self={saved.participant}
      people={people}
      connection={connection.status}
      callUrl={session?.call_url}
      onLeave={leave}
      setup={<Setup api={api} sessionId={saved.id} language={session?.language} />}
    />
  );
}
