import { PeopleList } from '../features/people/people-list';
import { SharePopover } from '../features/people/share-popover';
import type { Api, ServerConfig } from '../lib/api';
import type { SavedSession } from '../lib/saved-sessions';
import { useReadable } from '../lib/use-readable';
import type { ConnectionState } from '../sync/room-connection';
import type { Room } from '../sync/room';
import { ConnectionBadge } from './connection-badge';
import { shareableOf } from './shareable';
import { useInvites } from './use-invites';

export interface RoomActionsProps {
  api: Api;
  room: Room;
  saved: SavedSession;
  access: ServerConfig['access'] | null;
  connection: ConnectionState;
}

/** RoomActions is the end of the top bar: how it stands, who is here, and what one may do about it. */
export function RoomActions({ api, room, saved, access, connection }: RoomActionsProps) {
  const people = useReadable(room.people);
  const shareable = shareableOf({ saved, access, ...useInvites(api, saved) });
  return (
    <>
      <ConnectionBadge state={connection} onRetry={() => room.connection.retryNow()} />
      <PeopleList people={people} />
      {shareable && <SharePopover shareable={shareable} />}
    </>
  );
}
