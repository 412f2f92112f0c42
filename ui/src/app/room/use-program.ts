import { useCallback, useEffect, useState } from 'react';
import type { RunController } from '../../features/run/control/run-controller';
import type { RunRequest } from '../../features/run/control/run-request';
import type { HiddenTests } from '../../features/run/control/run-tests';
import { useRunner } from '../../features/run/control/use-runner';
import { useWarmRuntime } from '../../features/run/control/use-warm-runtime';
import type { RunnerState } from '../../features/run/runner-state';
import { canRun, kitOf } from '../../features/run/sandbox/kits';
import { Value, type Readable } from '../../lib/readable';
import { useReadable } from '../../lib/use-readable';
import { fileText, filesByName, type FileInfo } from '../../sync/files';
import type { Room } from '../../sync/room';
import { endAbandonedRuns } from '../../sync/runs';
import { preparationOf, useWarmCompiler } from '../session/prepare-program';

const IDLE: Readable<RunnerState> = new Value<RunnerState>({ status: 'idle' });
const UNKNOWN: Readable<boolean | null> = new Value<boolean | null>(null);

export interface ProgramOptions {
  room: Room;
  /** The shown file. */
  file: FileInfo;
  /** Whether the document is in step with the server. */
  live: boolean;
  /** Whether this person may run programs. */
  writes: boolean;
  /** Tests of which this person alone hears; null for all but interviewers. */
  hidden: HiddenTests | null;
}

/** Program is the file that is shown, as something to run. */
export interface Program {
  state: RunnerState;
  start: () => void;
  /** Runs the session's tests; null where none can be run. */
  startTests: (() => void) | null;
  stop: () => void;
  /** Gives a line to the program that waits for one. */
  answer: (line: string | null) => void;
  /** Hears what a page says that is shown here. */
  onPage: RunController['onPage'];
  /** Input given beforehand, where programs cannot ask while they run; else null. */
  stdin: { value: string; onChange: (value: string) => void } | null;
}

/** useProgram is the way from a file to its run, for the bar, the editor and the output alike. */
export function useProgram({ room, file, live, writes, hidden }: ProgramOptions): Program {
  const runner = useRunner(writes ? room : null);
  const controller = runner?.controller ?? null;
  const state = useReadable(controller ?? IDLE);
  const isolated = useReadable(runner?.host.isolated ?? UNKNOWN);
  const [stdin, setStdin] = useState('');

  const start = useCallback(() => {
    if (!controller || !canRun(file.language)) return;
    void controller.start(requestOf(room, file, stdin));
  }, [controller, room, file, stdin]);
  const onPage = useCallback<RunController['onPage']>(
    (id, message) => controller?.onPage(id, message),
    [controller],
  );
  useRunShortcut(start);
  useWarmRuntime(runner?.host, file.language);
  useWarmCompiler(writes && live && file.language === 'typescript');
  useAbandonedRuns(room, live && writes);

  return {
    state,
    start,
    startTests:
      controller && kitOf(file.language)
        ? () => void controller.startTests(requestOf(room, file, ''), room.tests.getSnapshot(), hidden)
        : null,
    stop: () => controller?.stop(),
    answer: (line) => controller?.answer(line),
    onPage,
    stdin: isolated === false ? { value: stdin, onChange: setStdin } : null,
  };
}

function requestOf(room: Room, file: FileInfo, stdin: string): RunRequest {
  const code = fileText(room.doc, file.id).toString();
  const files = { ...filesByName(room.doc), [file.name]: code };
  return { code, file, files, stdin, prepare: preparationOf(file) };
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

/**
 * Ends what this person's earlier page left running. known: the document is in step with the
 * server.
 */
function useAbandonedRuns(room: Room, known: boolean): void {
  useEffect(() => {
    if (known) endAbandonedRuns(room.doc, room.self.id, performance.timeOrigin);
  }, [room, known]);
}
