import { lazily } from '../../../components/lazily';
import { PeopleList } from '../../../features/people/people-list';
import { ShareButton } from '../../../features/people/share-button';
import type { Shareable } from '../../../features/people/shareable';
import { SettingsButton } from '../../../features/settings/settings-button';
import { TimerChip } from '../../../features/timer/timer-chip';
import type { ServerClock } from '../../../lib/server-clock';
import { useReadable } from '../../../lib/use-readable';
import type { Room } from '../../../sync/room';
import type { SharedTimer } from '../../../sync/timer';
import { ConnectionBadge } from './connection-badge';
import { SessionMenu } from './session-menu';
import type { Leading } from '../use-leading';
import type { Remembering } from '../use-remembering';

const { Component: CallLink } = lazily(async () => (await import('../../../components/call-link')).CallLink);

export interface RoomActionsProps {
  room: Room;
  title: string;
  timer: SharedTimer;
  clock: ServerClock;
  leads: boolean;
  leading: Leading | null;
  shareable: Shareable | null;
  download: (() => Promise<void>) | null;
  callUrl?: string;
  onPeople: () => void;
  remembering: Remembering;
}

/** RoomActions is the end of the top bar: connection, timer, people, and the session's menu. */
export function RoomActions(props: RoomActionsProps) {
  const { room, title, timer, clock, leads, leading, shareable, download, onPeople, remembering } = props;
  const people = useReadable(room.people);
  return (
    <>
      <TimerChip doc={room.doc} timer={timer} clock={clock} leads={leads} />
      <RoomBadge room={room} />
      <PeopleList
        people={people}
        followed={useReadable(room.following)}
        onFollow={(id) => room.following.toggle(id)}
        onOpen={onPeople}
      />
      {props.callUrl && <CallLink url={props.callUrl} />}
      {shareable && <ShareButton shareable={shareable} />}
      <SettingsButton />
      <SessionMenu {...{ title, leading, download, remembering }} />
    </>
  );
}

/** RoomBadge renders when something was typed or saved. Nothing else renders for that. */
function RoomBadge({ room: { connection } }: { room: Room }) {
  return (
    <ConnectionBadge
      state={useReadable(connection)}
      kept={useReadable(connection.outbox) === 'kept'}
      onRetry={() => connection.retryNow()}
    />
  );
}
