import { useCallback, useEffect, useState } from 'react';
import { canRun, kitOf } from '../../features/run/sandbox/kits';
import type { RunController, RunRequest, RunnerState } from '../../features/run/control/run-controller';
import { useRunner } from '../../features/run/control/use-runner';
import { wheelsFor } from '../../features/run/sandbox/wheels';
import { Value, type Readable } from '../../lib/readable';
import { useReadable } from '../../lib/use-readable';
import { fileText, filesByName, type FileInfo } from '../../sync/files';
import type { Room } from '../../sync/room';

const IDLE: Readable<RunnerState> = new Value<RunnerState>({ status: 'idle' });

/** Program is the file that is shown, as something to run. */
export interface Program {
  state: RunnerState;
  controller: RunController | null;
  start: () => void;
  /** Runs the session's tests; null where none can be run. */
  startTests: (() => void) | null;
  stop: () => void;
  /** Gives a line to the program that waits for one. */
  answer: (line: string | null) => void;
  /** Input given beforehand, where programs cannot ask while they run; else null. */
  stdin: { value: string; onChange: (value: string) => void } | null;
}

/** useProgram is the way from a file to its run, for the bar, the editor and the output alike. */
export function useProgram(room: Room, file: FileInfo, live: boolean, writes: boolean): Program {
  const runner = useRunner({ room, language: file.language, live, enabled: writes });
  const state = useReadable(runner?.controller ?? IDLE);
  const [stdin, setStdin] = useState('');
  const controller = runner?.controller;

  const start = useCallback(() => {
    if (!controller || !canRun(file.language)) return;
    void controller.start(requestOf(room, file, stdin));
  }, [controller, room, file, stdin]);
  useRunShortcut(start);
  useWarmCompiler(writes && live && file.language === 'typescript');

  return {
    state,
    controller: controller ?? null,
    start,
    startTests:
      controller && kitOf(file.language)
        ? () => void controller.startTests(requestOf(room, file, ''), room.tests.getSnapshot())
        : null,
    stop: () => controller?.stop(),
    answer: (line) => controller?.answer(line),
    stdin: runner?.isolated === false ? { value: stdin, onChange: setStdin } : null,
  };
}

function requestOf(room: Room, file: FileInfo, stdin: string): RunRequest {
  const code = fileText(room.doc, file.id).toString();
  const files = { ...filesByName(room.doc), [file.name]: code };
  return { code, file, files, stdin, prepare: preparationOf(file) };
}

/** The editor's own chunk: whoever runs a program has it already. */
const loadCompiler = () => import('../../features/editor/emit-typescript');

/** Wait before warming up the compiler, in milliseconds: the editor and the document come first. */
const WARM_UP_MS = 2_500;

/** The compiler takes seconds to read its libraries; they are over before anybody presses Run. */
function useWarmCompiler(wanted: boolean): void {
  useEffect(() => {
    if (!wanted) return undefined;
    const warm = async () => (await loadCompiler()).warmTypeScript();
    const timer = setTimeout(() => void warm().catch(() => undefined), WARM_UP_MS);
    return () => clearTimeout(timer);
  }, [wanted]);
}

/** What has to be done with a program before it can run; undefined: nothing. */
function preparationOf({ language, name }: FileInfo): RunRequest['prepare'] {
  if (language === 'typescript') {
    return async (_code, files) => (await loadCompiler()).emitTypeScript(name, files);
  }
  if (language === 'python') {
    return async (code, files) => ({ code, wheels: await wheelsFor([code, ...Object.values(files)]) });
  }
  return undefined;
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
