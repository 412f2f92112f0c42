import { useEffect } from 'react';
import { EditorSkeleton } from '../features/editor/editor-skeleton';
import { preloadEditor } from '../features/editor/lazy-editor';
import type { Api, ServerConfig } from '../lib/api';
import { useReadable } from '../lib/use-readable';
import type { Room } from '../sync/room';
import { lazily } from '../components/lazily';
import { RoomFrame } from './room-frame';
import { useRefresh } from './use-refresh';
import { useRoom } from './use-room';
import type { SessionRecord } from './use-session-record';
import { useUnsavedWarning } from './use-unsaved-warning';

const { Component: EndedFrame } = lazily(
  async () => (await import('./ended-frame')).EndedFrame,
  <EditorSkeleton />,
);

export interface RoomPageProps {
  api: Api;
  record: SessionRecord;
  access: ServerConfig['access'] | null;
  /** Called with the close code when the server ended this person's part for good. */
  onEnded: (code: number) => void;
}

/** RoomPage is the room of a session, from opening it to its end, and what is left of it then. */
export function RoomPage(props: RoomPageProps) {
  const room = useRoom(props.record.saved);
  // After the socket: its answer comes while the editor is read.
  useEffect(preloadEditor, []);
  return room ? <OpenRoom {...props} room={room} /> : <EditorSkeleton />;
}

function OpenRoom({ api, room, record, access, onEnded }: RoomPageProps & { room: Room }) {
  const connection = useReadable(room.connection);
  const endCode = connection.status === 'ended' ? connection.code : null;
  useUnsavedWarning(room);
  useRefresh(room, record.session, record.refresh);
  useEffect(() => {
    if (endCode !== null) onEnded(endCode);
  }, [endCode, onEnded]);
  if (record.phase === 'ended') {
    return <EndedFrame api={api} room={room} record={record} connection={connection} />;
  }
  return <RoomFrame api={api} room={room} record={record} access={access} connection={connection} />;
}
