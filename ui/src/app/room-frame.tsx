import { useState } from 'react';
import { OutputPanel } from '../features/run/output-panel';
import { PeopleAnnouncer } from '../features/people/people-announcer';
import type { Api, ServerConfig } from '../lib/api';
import { canWrite } from '../lib/roles';
import type { SavedSession } from '../lib/saved-sessions';
import { TEXTS } from '../lib/texts';
import { useReadable } from '../lib/use-readable';
import type { ConnectionState } from '../sync/room-connection';
import type { Room } from '../sync/room';
import { EditorPane } from './editor-pane';
import { ProgramControls } from './program-controls';
import { RoomActions } from './room-actions';
import { RoomLayout } from './room-layout';
import { StatusBar } from './status-bar';
import { TopBar } from './top-bar';
import { useNames } from './use-names';
import { useProgram } from './use-program';
import { useSessionInfo } from './use-session-info';
import { useTitle } from './use-title';

export interface RoomFrameProps {
  api: Api;
  room: Room;
  saved: SavedSession;
  access: ServerConfig['access'] | null;
  connection: ConnectionState;
}

/** RoomFrame joins the features into the room, each in its slot of the layout. */
export function RoomFrame({ api, room, saved, access, connection }: RoomFrameProps) {
  const session = useSessionInfo(api, saved, room);
  const people = useReadable(room.people);
  const file = useReadable(room.active);
  const writes = canWrite(saved.participant.role);
  const program = useProgram(room, file, connection.status === 'live', writes);
  const nameOf = useNames(people, session);
  const [position, setPosition] = useState({ line: 1, column: 1 });
  const title = session?.title || saved.title || TEXTS.home.untitled;
  useTitle(title);

  return (
    <RoomLayout
      top={
        <TopBar
          title={title}
          middle={<ProgramControls room={room} file={file} program={program} writes={writes} />}
          end={<RoomActions api={api} room={room} saved={saved} access={access} connection={connection} />}
        />
      }
      editor={
        <EditorPane
          room={room}
          connection={connection}
          readOnly={!writes}
          onRun={program.start}
          onPosition={(line, column) => setPosition({ line, column })}
        />
      }
      output={
        <OutputPanel
          room={room}
          state={program.state}
          nameOf={nameOf}
          onInput={program.answer}
          stdin={program.stdin}
        />
      }
      status={<StatusBar language={file.language} position={position} readOnly={!writes} />}
    >
      <PeopleAnnouncer people={people} />
    </RoomLayout>
  );
}
