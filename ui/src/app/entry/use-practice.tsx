import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import * as Y from 'yjs';
import { LazySmallEditor } from '../../features/editor/lazy-small-editor';
import type { Practice } from '../../features/lobby/setup-check';
import type { CheckState } from '../../features/lobby/use-connection-check';
import { canRun } from '../../features/run/sandbox/kits';
import { OutputView } from '../../features/run/output/output-view';
import { RunController } from '../../features/run/control/run-controller';
import { SandboxHost } from '../../features/run/sandbox/sandbox-host';
import { DEFAULT_LANGUAGE, defaultFileName } from '../../lib/languages';
import { TEXTS } from '../../lib/texts';
import { useReadable } from '../../lib/use-readable';
import { MAIN_FILE } from '../../sync/files';
import { SharedRuns, type Run } from '../../sync/runs';

/** What one finds in the practice editor; in other languages nothing would run. */
const PROGRAMS: Record<string, string> = {
  javascript: "const word = 'hello';\nconsole.log(word, 'from your browser');\n",
  python: "word = 'hello'\nprint(word, 'from your browser')\n",
};

/** Bench is a document of one's own with a sandbox to run programs in. Nothing of it leaves this browser. */
class Bench {
  readonly doc = new Y.Doc();
  readonly runs = new SharedRuns(this.doc);
  #open: { host: SandboxHost; controller: RunController } | null = null;

  start(code: string, language: string): void {
    if (!this.#open) {
      const host = new SandboxHost();
      const self = { id: 'self', name: '', role: 'candidate' as const, color: '#4f8ff7' };
      this.#open = { host, controller: new RunController({ doc: this.doc, self }, host) };
    }
    const file = { id: MAIN_FILE, name: defaultFileName(language), language };
    void this.#open.controller.start({ code, file, files: { [file.name]: code }, stdin: '' });
  }

  dispose(): void {
    this.#open?.controller.dispose();
    this.#open?.host.dispose();
    this.#open = null;
    this.runs.dispose();
    this.doc.destroy();
  }
}

function useBench(): Bench {
  const [bench, setBench] = useState(() => new Bench());
  const first = useRef(true);
  useEffect(() => {
    // In strict mode effects run twice: what was disposed of is made anew.
    if (!first.current) setBench(new Bench());
    first.current = false;
  }, []);
  useEffect(() => () => bench.dispose(), [bench]);
  return bench;
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
  const bench = useBench();
  const code = useRef(program);
  const [typed, setTyped] = useState(false);
  const run = useReadable(bench.runs).at(-1);

  useEffect(() => {
    code.current = program;
  }, [program]);

  const start = useCallback(() => bench.start(code.current, language), [bench, language]);
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
