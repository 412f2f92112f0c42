import { ActionIcon, Tooltip } from '@mantine/core';
import { PanelLeft } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Shareable } from '../../../features/people/shareable';
import type { Api } from '../../../lib/api';
import { TEXTS } from '../../../lib/texts';
import type { Room } from '../../../sync/room';
import { downloadSession } from '../../session/download';
import { RoomActions } from './room-actions';
import { TopBar } from './top-bar';
import type { Beside } from '../beside/use-beside';
import type { Leading } from '../use-leading';
import type { Remembering } from '../use-remembering';
import type { SessionRecord } from '../../session/use-session-record';
import { useTimer } from './use-timer';

export interface RoomTopProps {
  api: Api;
  room: Room;
  record: SessionRecord;
  leading: Leading | null;
  beside: Beside;
  title: string;
  shareable: Shareable | null;
  middle: ReactNode;
  remembering: Remembering;
}

/** RoomTop is the top bar of the room, with all its parts. */
export function RoomTop({ api, record, beside, middle, ...rest }: RoomTopProps) {
  const { saved } = record;
  const timing = useTimer(api, rest.room);
  const actions = {
    leads: saved.participant.role === 'interviewer',
    download: saved.token ? () => downloadSession(api, saved) : null,
    callUrl: record.session?.call_url,
    onPeople: () => beside.select('people'),
  };
  return (
    <TopBar
      title={rest.title}
      start={beside.wide && <BesideToggle beside={beside} />}
      middle={middle}
      end={timing && <RoomActions {...rest} {...timing} {...actions} />}
    />
  );
}

function BesideToggle({ beside }: { beside: Beside }) {
  const label = beside.opened ? TEXTS.beside.hide : TEXTS.beside.show;
  return (
    <Tooltip label={label} withArrow openDelay={400}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size={30}
        aria-label={label}
        aria-expanded={beside.opened}
        onClick={beside.toggle}
      >
        <PanelLeft size={17} />
      </ActionIcon>
    </Tooltip>
  );
}
