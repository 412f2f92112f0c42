import { Notice } from '../../../components/notice';
import { TEXTS } from '../../../lib/texts';
import { useReadable } from '../../../lib/use-readable';
import type { ConnectionState } from '../../../sync/room-connection';
import type { Room } from '../../../sync/room';

const T = TEXTS.connection;

/** ConnectionNotice says in words when something written here is in danger. */
export function ConnectionNotice({ room, connection }: { room: Room; connection: ConnectionState }) {
  const outbox = useReadable(room.connection.outbox);
  const unsaved = connection.status === 'offline' && !connection.saved;
  return unsaved && outbox === 'failed' ? <Notice tone="warn" text={T.notKept} /> : null;
}
