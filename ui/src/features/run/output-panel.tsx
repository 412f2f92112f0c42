import { useReadable } from '../../lib/use-readable';
import { TEXTS } from '../../lib/texts';
import type { Room } from '../../sync/room';
import type { Run } from '../../sync/runs';
import { OutputView } from './output-view';
import { RunProgress } from './run-progress';
import { RunSummary } from './run-summary';
import { StdinBox } from './stdin-box';
import { StdinLine } from './stdin-line';
import type { RunnerState } from './run-controller';
import classes from './output-panel.module.css';

export interface OutputPanelProps {
  room: Room;
  /** State of the runner in this browser. */
  state: RunnerState;
  /** Names a Participant, also one who has left. */
  nameOf: (participantId: string) => string;
  onInput: (line: string) => void;
  /** Shown where programs cannot ask while they run. */
  stdin: { value: string; onChange: (value: string) => void } | null;
}

/** OutputPanel shows the last run, whoever ran it, live. */
export function OutputPanel({ room, state, nameOf, onInput, stdin }: OutputPanelProps) {
  const runs = useReadable(room.runs);
  const people = useReadable(room.people);
  const run: Run | undefined = runs.at(-1);
  const language = useReadable(room.active).language;
  const online = !!run && people.some((person) => person.id === run.by);
  const waitingForInput = state.status === 'running' && state.waitingForInput;
  return (
    <section className={classes.panel} aria-label={TEXTS.run.panel}>
      <header className={classes.header}>
        <h2 className={classes.title}>{TEXTS.run.panel}</h2>
        {run && (
          <RunSummary run={run} runner={nameOf(run.by)} self={run.by === room.self.id} online={online} />
        )}
      </header>
      {state.status === 'preparing' && <RunProgress share={state.share} language={language} />}
      {run ? (
        <OutputView key={run.id} output={run.output} finished={run.status !== 'running'} />
      ) : (
        <p className={classes.empty}>{TEXTS.run.empty}</p>
      )}
      {waitingForInput && <StdinLine onSend={onInput} />}
      {stdin && !waitingForInput && <StdinBox {...stdin} />}
    </section>
  );
}
