import { useEffect } from 'react';
import { EditorSkeleton } from '../features/editor/editor-skeleton';
import type { Api, ServerConfig } from '../lib/api';
import type { SavedSession } from '../lib/saved-sessions';
import { useReadable } from '../lib/use-readable';
import type { Room } from '../sync/room';
import { RoomFrame } from './room-frame';
import { useRoom } from './use-room';
import { useUnsavedWarning } from './use-unsaved-warning';

export interface RoomPageProps {
  api: Api;
  saved: SavedSession;
  access: ServerConfig['access'] | null;
  /** Called with the close code when the server ended this person's part for good. */
  onEnded: (code: number) => void;
}

/** RoomPage is the room of a session, from opening it to its end. */
export function RoomPage(props: RoomPageProps) {
  const room = useRoom(props.saved);
  return room ? <OpenRoom {...props} room={room} /> : <EditorSkeleton />;
}

function OpenRoom({ room, onEnded, ...rest }: RoomPageProps & { room: Room }) {
  const connection = useReadable(room.connection);
  const endCode = connection.status === 'ended' ? connection.code : null;
  useUnsavedWarning(connection);
  useEffect(() => {
    if (endCode !== null) onEnded(endCode);
  }, [endCode, onEnded]);
  return <RoomFrame room={room} connection={connection} {...rest} />;
}
