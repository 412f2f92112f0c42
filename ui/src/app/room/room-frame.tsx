import { useState } from 'react';
import { FormatButton } from '../../features/editor/format-button';
import type { EditorActions } from '../../features/editor/lazy-editor';
import { FileBar } from '../../features/files/file-bar';
import { FilePanel } from '../../features/files/file-panel';
import { PeopleAnnouncer } from '../../features/people/people-announcer';
import type { Api, ServerConfig } from '../../lib/api';
import { Value } from '../../lib/readable';
import { canWrite } from '../../lib/roles';
import { TEXTS } from '../../lib/texts';
import { useReadable } from '../../lib/use-readable';
import { hasDocument, type ConnectionState } from '../../sync/room-connection';
import type { Room } from '../../sync/room';
import type { SideRoom } from '../../sync/side-room';
import { BottomNav } from './beside/bottom-nav';
import { EditorPane } from './editor-pane';
import { ProgramControls } from './top/program-controls';
import type { RefusedNoticeProps } from '../session/refused-notice';
import { RoomBeside } from './beside/room-beside';
import { RoomLayout } from './room-layout';
import { RoomOutput } from './room-output';
import { RoomNotices } from './notices/room-notices';
import { RoomTop } from './top/room-top';
import { StatusBar } from './status-bar';
import { useBeside } from './beside/use-beside';
import { useGuide } from './use-guide';
import { useLeading } from './use-leading';
import { useTidy } from './use-tidy';
import { useProgram } from './use-program';
import { useRemembering } from './use-remembering';
import type { SessionRecord } from '../session/use-session-record';
import { useShareable } from './share/use-shareable';
import { useSideRoom } from '../session/use-side-room';
import { useRecorded } from '../session/use-recorded';
import { useTitle } from '../use-title';

export interface RoomFrameProps {
  api: Api;
  room: Room;
  /** The interviewers' document; null for all others, and until it is open. */
  notes: SideRoom | null;
  refused: RefusedNoticeProps;
  record: SessionRecord;
  access: ServerConfig['access'] | null;
  connection: ConnectionState;
  /** Whether the server has to be asked again what this person may do. */
  doubted: boolean;
}

/** RoomFrame joins the features into the room, each in its slot of the layout. */
export function RoomFrame({ api, room, record, access, connection, doubted, ...rest }: RoomFrameProps) {
  const { notes, refused } = rest;
  const { session, saved } = record;
  const people = useReadable(room.people);
  const file = useReadable(room.active);
  const writes = canWrite(saved.participant.role) && !doubted;
  const edits = writes && hasDocument(connection);
  const [editor, setEditor] = useState<EditorActions | null>(null);
  const [position] = useState(() => new Value({ line: 1, column: 1 }));
  const beside = useBeside();
  const leading = useLeading(api, record);
  const { guide, hidden } = useGuide(record, leading !== null, file.language);
  const program = useProgram({ room, file, live: connection.status === 'live', writes, hidden: guide });
  const remembering = useRemembering(room, record);
  const share = useShareable(api, record, access, leading);
  const guarded = session?.status === 'waiting' || session?.admission === 'ask';
  const { room: lobby } = useSideRoom(saved, 'lobby', leading !== null && guarded);
  useRecorded(lobby, record, access);
  useTidy(room, leading !== null && edits);
  const title = session?.title || saved.title || TEXTS.room.untitled;
  useTitle(title);

  return (
    <RoomLayout
      wide={beside.wide}
      top={
        <RoomTop
          {...{ api, room, record, leading, beside, title, remembering }}
          shareable={share.shareable}
          middle={<ProgramControls {...{ room, file, program, hidden }} writes={edits} />}
        />
      }
      notice={<RoomNotices {...{ api, room, refused, lobby, record, connection, leading }} />}
      side={
        beside.opened && (
          <RoomBeside
            {...{ room, record, leading, beside, notes, guide }}
            onTests={edits && program.state.status === 'idle' ? program.startTests : null}
            onInvite={share.open}
          />
        )
      }
      nav={
        <BottomNav
          beside={beside}
          notes={leading !== null}
          guide={guide !== null}
          peopleCount={people.length}
        />
      }
      tabs={
        <FileBar
          room={room}
          writes={edits}
          actions={edits && <FormatButton language={file.language} onFormat={editor?.format ?? null} />}
        />
      }
      editor={
        <FilePanel room={room}>
          <EditorPane
            room={room}
            connection={connection}
            readOnly={!writes}
            onRun={program.start}
            onPosition={(line, column) => position.set({ line, column })}
            onReady={setEditor}
          />
        </FilePanel>
      }
      output={<RoomOutput {...{ room, program, guide, beside }} />}
      status={<StatusBar language={file.language} position={position} readOnly={!writes} />}
    >
      <PeopleAnnouncer people={people} live={connection.status === 'live'} />
      {share.dialog}
      {remembering.dialog}
    </RoomLayout>
  );
}
