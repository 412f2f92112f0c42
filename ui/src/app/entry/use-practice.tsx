import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import * as Y from 'yjs';
import { LazySmallEditor } from '../../features/editor/lazy-small-editor';
import type { Practice } from '../../features/lobby/setup-check';
import type { CheckState } from '../../features/lobby/use-connection-check';
import { canRun } from '../../features/run/sandbox/kits';
import { OutputView } from '../../features/run/output/output-view';
import { useRunner } from '../../features/run/control/use-runner';
import { DEFAULT_LANGUAGE, defaultFileName } from '../../lib/languages';
import { TEXTS } from '../../lib/texts';
import { useReadable } from '../../lib/use-readable';
import { MAIN_FILE } from '../../sync/files';
import { SharedRuns, type Run } from '../../sync/runs';
import { preparationOf } from '../session/prepare-program';

/** The program that stands in the practice editor. Other languages get the default one. */
const PROGRAMS: Record<string, string> = {
  javascript: "const word = 'hello';\nconsole.log(word, 'from your browser');\n",
  python: "word = 'hello'\nprint(word, 'from your browser')\n",
};

/**
 * PracticeRoom is a document of one's own to run programs in. Nothing of it leaves this browser.
 */
class PracticeRoom {
  readonly doc = new Y.Doc();
  readonly self = { id: 'self' };
  readonly runs = new SharedRuns(this.doc);
}

const STATES: Record<Run['status'], CheckState> = {
  running: 'busy',
  ok: 'good',
  error: 'bad',
  stopped: 'bad',
  timeout: 'bad',
};

/** usePractice joins an editor and a run into the practice of the lobby. */
export function usePractice(wanted: string | undefined): Practice {
  const language = wanted && canRun(wanted) && PROGRAMS[wanted] ? wanted : DEFAULT_LANGUAGE;
  const program = PROGRAMS[language] ?? '';
  const [room] = useState(() => new PracticeRoom());
  const runner = useRunner(room);
  const code = useRef(program);
  const [typed, setTyped] = useState(false);
  const run = useReadable(room.runs).at(-1);

  useEffect(() => {
    code.current = program;
  }, [program]);

  const start = useCallback(() => {
    const file = { id: MAIN_FILE, name: defaultFileName(language), language };
    const files = { [file.name]: code.current };
    const prepare = preparationOf(file);
    void runner?.controller.start({ code: code.current, file, files, stdin: '', prepare });
  }, [runner, language]);
  const onChange = useCallback((text: string) => {
    code.current = text;
    setTyped(true);
  }, []);
  const editor = useMemo(
    () => (
      <LazySmallEditor
        text={program}
        language={language}
        label={TEXTS.lobby.setup.editorLabel}
        onChange={onChange}
        onRun={start}
      />
    ),
    [program, language, onChange, start],
  );
  return {
    editor,
    output: run && <OutputView key={run.id} output={run.output} finished={run.status !== 'running'} />,
    typed,
    run: run ? STATES[run.status] : 'untouched',
    start,
  };
}
