import { useEffect, useMemo, useState } from 'react';
import { EditorSkeleton } from '../../features/editor/editor-skeleton';
import { preloadEditor } from '../../features/editor/lazy-editor';
import type { Api, ServerConfig } from '../../lib/api';
import { useReadable } from '../../lib/use-readable';
import type { LostText } from '../../sync/lost-texts';
import type { Room } from '../../sync/room';
import { steady } from '../../sync/steady';
import { lazily } from '../../components/lazily';
import { refusalOf } from '../session/refused-notice';
import { RoomFrame } from './room-frame';
import { useRecorded } from '../session/use-recorded';
import { useRefresh } from '../session/use-refresh';
import type { Reopened } from '../session/use-reopened';
import { useRoom } from './use-room';
import { useSideRoom } from '../session/use-side-room';
import type { SessionRecord } from '../session/use-session-record';
import { useUnsavedWarning } from './use-unsaved-warning';

const { Component: EndedFrame } = lazily(
  async () => (await import('../ended/ended-frame')).EndedFrame,
  <EditorSkeleton />,
);

export interface RoomPageProps {
  api: Api;
  record: SessionRecord;
  access: ServerConfig['access'] | null;
  /**
   * Called when the server ended this person's part for good, with the close code and with what the
   * server did not accept.
   */
  onEnded: (code: number, lost: readonly LostText[]) => void;
}

/** RoomPage is the room of a session, from opening it to its end, and what is left of it then. */
export function RoomPage(props: RoomPageProps) {
  const main = useRoom(props.record.saved);
  // After the socket, so that the server answers while the editor loads.
  useEffect(preloadEditor, []);
  return main.room ? <OpenRoom {...props} room={main.room} main={main} /> : <EditorSkeleton />;
}

function OpenRoom({
  api,
  room,
  main,
  record,
  access,
  onEnded,
}: RoomPageProps & { room: Room; main: Reopened<Room> }) {
  const connection = useReadable(useMemo(() => steady(room.connection), [room]));
  const { participant, token } = record.saved;
  const notes = useSideRoom(record.saved, 'notes', participant.role === 'interviewer' && token !== '');
  const refused = refusalOf([main, notes]);
  const doubted = useDoubt(main, record);
  useUnsavedWarning(room, (refused.refusal?.lost.length ?? 0) > 0);
  useRefresh(room, record.refresh);
  useRecorded(room, record, access);
  useRecorded(notes.room, record, access);
  useEffect(() => {
    if (connection.status === 'ended') onEnded(connection.code, connection.lost);
  }, [connection, onEnded]);
  const shown = { api, room, notes: notes.room, refused, record, connection };
  if (record.phase === 'ended') return <EndedFrame {...shown} />;
  return <RoomFrame {...shown} access={access} doubted={doubted} />;
}

/**
 * useDoubt is true from a refusal until the server has said again what this person may do. Until
 * then nothing is written, because it would be refused again.
 */
function useDoubt({ refusal }: Reopened<Room>, { session, refresh }: SessionRecord): boolean {
  const [doubt, setDoubt] = useState({ refusal, session });
  if (doubt.refusal !== refusal) setDoubt({ refusal, session });
  useEffect(() => {
    if (refusal) refresh();
  }, [refusal, refresh]);
  return refusal !== null && doubt.session === session;
}
