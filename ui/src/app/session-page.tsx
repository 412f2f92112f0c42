import { useParams } from 'react-router';
import { lazily } from '../components/lazily';
import { LostWords } from '../components/lost-words';
import { Problem } from '../components/problem';
import { EditorSkeleton } from '../features/editor/editor-skeleton';
import type { Api, ServerConfig } from '../lib/api';
import type { ProblemKind } from '../lib/problem-kind';
import type { SavedSession } from '../lib/saved-sessions';
import { TEXTS } from '../lib/texts';
import type { LostText } from '../sync/lost-texts';
import { RoomPage } from './room/room-page';
import { useEntry } from './entry/use-entry';
import { useSessionRecord } from './session/use-session-record';

const { Component: LobbyPage } = lazily(async () => (await import('../features/lobby/lobby-page')).LobbyPage);
const { Component: WaitingPage } = lazily(
  async () => (await import('./entry/waiting-page')).WaitingPage,
  <EditorSkeleton />,
);
const { Component: ArchivedPage } = lazily(
  async () => (await import('./replay/archived-page')).ArchivedPage,
  <EditorSkeleton />,
);
const { Component: MissedPage } = lazily(async () => (await import('./entry/missed-page')).MissedPage);

/** SessionPage leads to the room of a session, or says what is in the way. */
export function SessionPage({ api }: { api: Api }) {
  const { id = '' } = useParams();
  return <Entry key={id} api={api} id={id} />;
}

/** After these problems the session goes on. A reload shows the document as the server has it. */
const RELOADABLE: readonly ProblemKind[] = ['tooLarge', 'malformed'];

const reload = () => location.reload();

function Entry({ api, id }: { api: Api; id: string }) {
  const { entry, join, retry, leave } = useEntry(api, id);
  switch (entry.status) {
    case 'checking':
      return <EditorSkeleton />;
    case 'lobby':
      return <LobbyPage invitation={null} onJoin={join} />;
    case 'problem':
      return (
        <Problem
          kind={entry.kind}
          onRetry={entry.canRetry ? retry : RELOADABLE.includes(entry.kind) ? reload : undefined}
        >
          {entry.lost.length > 0 && <LostWords lost={entry.lost} lead={TEXTS.connection.lostWords} />}
        </Problem>
      );
    case 'archived':
      return <ArchivedPage saved={entry.saved} />;
    case 'inside':
      return <Inside api={api} kept={entry.saved} access={entry.access} onEnded={leave} />;
  }
}

interface InsideProps {
  api: Api;
  kept: SavedSession;
  access: ServerConfig['access'] | null;
  onEnded: (code: number, lost: readonly LostText[]) => void;
}

/** Inside is a participant's way through the session: lobby, room, what is left. */
function Inside({ api, kept, access, onEnded }: InsideProps) {
  const record = useSessionRecord(api, kept);
  switch (record.phase) {
    case 'lobby':
      return <WaitingPage api={api} record={record} onEnded={onEnded} />;
    case 'missed':
      return <MissedPage />;
    case 'room':
    case 'ended':
      return <RoomPage api={api} record={record} access={access} onEnded={onEnded} />;
  }
}
