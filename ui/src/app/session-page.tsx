import { useParams } from 'react-router';
import { Problem } from '../components/problem';
import { EditorSkeleton } from '../features/editor/editor-skeleton';
import { LobbyPage } from '../features/lobby/lobby-page';
import type { Api } from '../lib/api';
import { TEXTS } from '../lib/texts';
import { RoomPage } from './room-page';
import { useEntry } from './use-entry';

/** SessionPage leads to the room of a session, or says what is in the way. */
export function SessionPage({ api }: { api: Api }) {
  const { id = '' } = useParams();
  return <Entry key={id} api={api} id={id} />;
}

function Entry({ api, id }: { api: Api; id: string }) {
  const { entry, join, retry, leave } = useEntry(api, id);
  switch (entry.status) {
    case 'checking':
      return <EditorSkeleton />;
    case 'lobby':
      return <LobbyPage title={TEXTS.lobby.openTitle} onJoin={join} />;
    case 'problem':
      return <Problem kind={entry.kind} onRetry={entry.canRetry ? retry : undefined} />;
    case 'inside':
      return <RoomPage api={api} saved={entry.saved} access={entry.access} onEnded={leave} />;
  }
}
