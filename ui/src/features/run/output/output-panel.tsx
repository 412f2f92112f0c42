import { useMemo, useState, type ReactNode } from 'react';
import { lazily } from '../../../components/lazily';
import { useReadable } from '../../../lib/use-readable';
import { TEXTS } from '../../../lib/texts';
import type { Room } from '../../../sync/room';
import { outputOf, removeRun, type Run } from '../../../sync/runs';
import { OutputView } from './output-view';
import { PagePreview } from './page-preview';
import { plainText } from './plain-text';
import { ProblemList } from './problem-list';
import { findProblems, type Problem } from './problems';
import { RunProgress } from './run-progress';
import { RunSummary } from './run-summary';
import { RunTools } from './run-tools';
import { StdinLine } from './stdin-line';
import type { FrameMessage } from '../sandbox/frame-message';
import type { RunnerState } from '../runner-state';
import classes from './output-panel.module.css';

const { Component: OthersPage } = lazily(async () => (await import('./others-page')).OthersPage);
const { Component: StdinBox } = lazily(async () => (await import('./stdin-box')).StdinBox);

export interface OutputPanelProps {
  room: Room;
  /** State of the runner in this browser. */
  state: RunnerState;
  /** Names a Participant, also one who has left. */
  nameOf: (participantId: string) => string;
  onInput: (line: string | null) => void;
  /** Gets the messages of a page that is shown here. A new function reloads the page. */
  onPage: (runId: string, message: FrameMessage) => void;
  onJump: (problem: Problem) => void;
  /** Shown where programs cannot ask while they run. */
  stdin: { value: string; onChange: (value: string) => void } | null;
  /** Below the output: what this person alone sees. */
  more?: ReactNode;
}

/** OutputPanel shows the last run, whoever ran it, live; or an earlier one. */
export function OutputPanel({ room, state, nameOf, stdin, more, ...on }: OutputPanelProps) {
  const runs = useReadable(room.runs);
  const people = useReadable(room.people);
  const { run, choose, clear } = useChosenRun(runs);
  const language = useReadable(room.active).language;
  useReadable(room.authors);
  const author = run ? room.authors.authorOf(run) : null;
  const online = people.some((person) => person.id === author?.id);
  const waitingForInput = state.status === 'running' && state.waitingForInput;
  const own = author?.proven === true && author.id === room.self.id;
  const named = (one: Run) => {
    const { id, proven } = room.authors.authorOf(one);
    if (!proven) return TEXTS.run.unprovenName(nameOf(id));
    return id === room.self.id ? TEXTS.run.you : nameOf(id);
  };
  const remove = () => run && removeRun(room.doc, run);
  return (
    <section className={classes.panel} aria-label={TEXTS.run.panel}>
      <header className={classes.header}>
        <h2 className={classes.title}>{TEXTS.run.panel}</h2>
        {run && author && (
          <RunSummary
            run={run}
            runner={nameOf(author.id)}
            self={own}
            proven={author.proven}
            online={online}
          />
        )}
        {run && (
          <RunTools
            runs={runs}
            run={run}
            nameOf={named}
            onChoose={choose}
            onClear={clear}
            onRemove={room.self.role === 'interviewer' ? remove : null}
          />
        )}
      </header>
      {state.status === 'preparing' && <RunProgress {...state} language={language} />}
      {run ? (
        <RunOutput key={run.id} room={room} run={run} own={own} onPage={on.onPage} onJump={on.onJump} />
      ) : (
        <p className={classes.empty}>{TEXTS.run.empty}</p>
      )}
      {more}
      {waitingForInput && <StdinLine onSend={on.onInput} />}
      {stdin && !waitingForInput && <StdinBox {...stdin} />}
    </section>
  );
}

interface RunOutputProps extends Pick<OutputPanelProps, 'room' | 'onPage' | 'onJump'> {
  run: Run;
  /** Whether this person ran it. */
  own: boolean;
}

function RunOutput({ room, run, own, onPage, onJump }: RunOutputProps) {
  const finished = run.status !== 'running';
  return (
    <>
      {run.page !== null && own && <PagePreview run={run} onPage={onPage} />}
      {run.page !== null && !own && <OthersPage key={run.page} run={run} />}
      <OutputView output={run.output} finished={finished} />
      {run.status === 'error' && <Problems room={room} run={run} onJump={onJump} />}
    </>
  );
}

/** What a failed run complains about. Everybody reads it from the output that all have. */
function Problems({ room, run, onJump }: { room: Room; run: Run; onJump: (problem: Problem) => void }) {
  const parts = useReadable(useMemo(() => outputOf(run.output), [run.output]));
  const files = useReadable(room.files);
  const problems = useMemo(
    () =>
      findProblems(
        plainText(parts.map(({ text }) => text).join('')),
        files.map(({ name }) => name),
        run.results !== null,
      ),
    [parts, files, run.results],
  );
  return <ProblemList problems={problems} onJump={onJump} />;
}

/**
 * The last run, unless the person chose an earlier one or cleared the screen. The next run is
 * always shown.
 */
function useChosenRun(runs: readonly Run[]) {
  const [choice, setChoice] = useState<{ id: string | null; last: string | undefined } | null>(null);
  const last = runs.at(-1);
  const holds = choice !== null && choice.last === last?.id;
  const run = holds ? runs.find(({ id }) => id === choice.id) : last;
  return {
    run,
    choose: (id: string) => setChoice({ id, last: last?.id }),
    clear: () => setChoice({ id: null, last: last?.id }),
  };
}
