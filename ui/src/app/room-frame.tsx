import { useState } from 'react';
import { FormatButton } from '../features/editor/format-button';
import type { EditorActions } from '../features/editor/lazy-editor';
import { FileBar } from '../features/files/file-bar';
import { FilePanel } from '../features/files/file-panel';
import { OutputPanel } from '../features/run/output-panel';
import { PeopleAnnouncer } from '../features/people/people-announcer';
import type { Api, ServerConfig } from '../lib/api';
import { canWrite } from '../lib/roles';
import { TEXTS } from '../lib/texts';
import { useReadable } from '../lib/use-readable';
import { hasDocument, type ConnectionState } from '../sync/room-connection';
import type { Room } from '../sync/room';
import { BottomNav } from './bottom-nav';
import { ConnectionNotice } from './connection-notice';
import { EditorPane } from './editor-pane';
import { LobbyNotice } from './lobby-notice';
import { ProgramControls } from './program-controls';
import { RoomBeside } from './room-beside';
import { RoomLayout } from './room-layout';
import { RoomTop } from './room-top';
import { StatusBar } from './status-bar';
import { useBeside } from './use-beside';
import { useLeading } from './use-leading';
import { UpdateNotice } from './update-notice';
import { useNames } from './use-names';
import { useProblemMarks } from './use-problem-marks';
import { useProgram } from './use-program';
import type { SessionRecord } from './use-session-record';
import { useShareable } from './use-shareable';
import { useSideRoom } from './use-side-room';
import { useTitle } from './use-title';

export interface RoomFrameProps {
  api: Api;
  room: Room;
  record: SessionRecord;
  access: ServerConfig['access'] | null;
  connection: ConnectionState;
}

/** RoomFrame joins the features into the room, each in its slot of the layout. */
export function RoomFrame({ api, room, record, access, connection }: RoomFrameProps) {
  const { session, saved } = record;
  const people = useReadable(room.people);
  const file = useReadable(room.active);
  const writes = canWrite(saved.participant.role);
  const edits = writes && hasDocument(connection);
  const program = useProgram(room, file, connection.status === 'live', writes);
  const nameOf = useNames(people, session);
  const [editor, setEditor] = useState<EditorActions | null>(null);
  const [position, setPosition] = useState({ line: 1, column: 1 });
  const beside = useBeside();
  const leading = useLeading(api, record);
  const share = useShareable(api, saved, access);
  const guarded = session?.status === 'waiting' || session?.admission === 'ask';
  const lobby = useSideRoom(saved, 'lobby', leading !== null && guarded);
  const notes = useSideRoom(saved, 'notes', leading !== null);
  const title = session?.title || saved.title || TEXTS.home.untitled;
  useTitle(title);
  const jump = useProblemMarks(room);

  return (
    <RoomLayout
      wide={beside.wide}
      top={
        <RoomTop
          {...{ api, room, record, connection, leading, beside, title }}
          shareable={share.shareable}
          middle={<ProgramControls room={room} file={file} program={program} writes={edits} />}
        />
      }
      notice={
        <>
          <ConnectionNotice room={room} connection={connection} />
          <UpdateNotice />
          {lobby && session && leading && (
            <LobbyNotice session={session} lobby={lobby} leading={leading} refresh={record.refresh} />
          )}
        </>
      }
      side={
        beside.opened && <RoomBeside {...{ room, record, leading, beside, notes }} onInvite={share.open} />
      }
      nav={<BottomNav beside={beside} notes={leading !== null} peopleCount={people.length} />}
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
            onPosition={(line, column) => setPosition({ line, column })}
            onReady={setEditor}
          />
        </FilePanel>
      }
      output={
        <OutputPanel
          room={room}
          state={program.state}
          controller={program.controller}
          nameOf={nameOf}
          onInput={program.answer}
          onJump={jump}
          stdin={program.stdin}
        />
      }
      status={<StatusBar language={file.language} position={position} readOnly={!writes} />}
    >
      <PeopleAnnouncer people={people} />
      {share.dialog}
    </RoomLayout>
  );
}
