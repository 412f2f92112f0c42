import { useCallback, useEffect, useState } from 'react';
import { OutputPanel } from '../features/run/output-panel';
import { PeopleAnnouncer } from '../features/people/people-announcer';
import { canRun } from '../features/run/kits';
import type { RunnerState } from '../features/run/run-controller';
import { useRunner } from '../features/run/use-runner';
import type { Api, ServerConfig } from '../lib/api';
import { Value, type Readable } from '../lib/readable';
import { canWrite } from '../lib/roles';
import type { SavedSession } from '../lib/saved-sessions';
import { TEXTS } from '../lib/texts';
import { useReadable } from '../lib/use-readable';
import { MAIN_FILE, fileText } from '../sync/files';
import type { ConnectionState } from '../sync/room-connection';
import type { Room } from '../sync/room';
import { EditorPane } from './editor-pane';
import { RoomLayout } from './room-layout';
import { StatusBar } from './status-bar';
import { TopBar } from './top-bar';
import { useInvites } from './use-invites';
import { useNames } from './use-names';
import { useSessionInfo } from './use-session-info';
import { useTitle } from './use-title';

export interface RoomFrameProps {
  api: Api;
  room: Room;
  saved: SavedSession;
  access: ServerConfig['access'] | null;
  connection: ConnectionState;
}

const IDLE: Readable<RunnerState> = new Value<RunnerState>({ status: 'idle' });

/** RoomFrame joins the features into the room: bar, editor, output, status. */
export function RoomFrame({ api, room, saved, access, connection }: RoomFrameProps) {
  const session = useSessionInfo(api, saved, room);
  const people = useReadable(room.people);
  const file = useReadable(room.mainFile);
  const writes = canWrite(saved.participant.role);
  const runner = useRunner({
    room,
    language: file.language,
    live: connection.status === 'live',
    enabled: writes,
  });
  const runState = useReadable(runner?.controller ?? IDLE);
  const [stdin, setStdin] = useState('');
  const [position, setPosition] = useState({ line: 1, column: 1 });
  const title = session?.title || saved.title || TEXTS.home.untitled;
  useTitle(title);

  const controller = runner?.controller;
  const run = useCallback(() => {
    if (!controller || !canRun(file.language)) return;
    void controller.start({ code: fileText(room.doc, MAIN_FILE).toString(), file, stdin });
  }, [controller, room, file, stdin]);
  useRunShortcut(run);

  const share = { saved, access, ...useInvites(api, saved) };
  return (
    <RoomLayout
      top={
        <TopBar
          room={room}
          title={title}
          writes={writes}
          share={share}
          connection={connection}
          runState={runState}
          onRun={run}
          onStop={() => controller?.stop()}
        />
      }
      editor={
        <EditorPane
          room={room}
          connection={connection}
          readOnly={!writes}
          onRun={run}
          onPosition={(line, column) => setPosition({ line, column })}
        />
      }
      side={
        <OutputPanel
          room={room}
          state={runState}
          nameOf={useNames(people, session)}
          onInput={(line) => controller?.answer(line)}
          stdin={runner?.isolated === false ? { value: stdin, onChange: setStdin } : null}
        />
      }
      status={<StatusBar language={file.language} position={position} readOnly={!writes} />}
    >
      <PeopleAnnouncer people={people} />
    </RoomLayout>
  );
}

/** Ctrl/Cmd+Enter runs from anywhere in the room; inside the editor Monaco hears it first. */
function useRunShortcut(run: () => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.defaultPrevented) return;
      event.preventDefault();
      run();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [run]);
}
