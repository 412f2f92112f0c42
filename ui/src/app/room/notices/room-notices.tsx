import { lazily } from '../../../components/lazily';
import type { Api } from '../../../lib/api';
import type { SideRoom } from '../../../sync/side-room';
import type { ConnectionState } from '../../../sync/room-connection';
import type { Room } from '../../../sync/room';
import { ConnectionNotice } from './connection-notice';
import { RefusedNotice, type RefusedNoticeProps } from '../../session/refused-notice';
import { UpdateNotice } from './update-notice';
import type { Leading } from '../use-leading';
import type { SessionRecord } from '../../session/use-session-record';

const { Component: LobbyNotice } = lazily(async () => (await import('./lobby-notice')).LobbyNotice);
const { Component: QuietNotice } = lazily(async () => (await import('./quiet-notice')).QuietNotice);

export interface RoomNoticesProps {
  api: Api;
  room: Room;
  refused: RefusedNoticeProps;
  lobby: SideRoom | null;
  record: SessionRecord;
  connection: ConnectionState;
  leading: Leading | null;
}

/** RoomNotices are the strips under the bar that tell a person what matters now. */
export function RoomNotices(props: RoomNoticesProps) {
  const { api, room, refused, lobby, record, connection, leading } = props;
  const { session, refresh } = record;
  return (
    <>
      <RefusedNotice {...refused} />
      <ConnectionNotice room={room} connection={connection} />
      <UpdateNotice />
      {session?.quiet && <QuietNotice {...{ api, room, record }} />}
      {lobby && session && leading && (
        <LobbyNotice session={session} lobby={lobby} leading={leading} refresh={refresh} />
      )}
    </>
  );
}
