import { Button } from '@mantine/core';
import { Circle, CircleAlert, CircleCheck, CircleDashed, Play } from 'lucide-react';
import type { ReactNode } from 'react';
import { TEXTS } from '../../lib/texts';
import classes from './setup-check.module.css';
import { useConnectionCheck, type CheckState } from './use-connection-check';

/** Practice is an editor and a way to run what is in it, for this person alone. */
export interface Practice {
  editor: ReactNode;
  output: ReactNode;
  typed: boolean;
  run: CheckState;
  start: () => void;
}

export interface SetupCheckProps {
  /** Resolves with the milliseconds there and back. */
  check: () => Promise<number>;
  practice: Practice;
}

const T = TEXTS.lobby.setup;

/** SetupCheck lets a person find out before the interview whether their side works. */
export function SetupCheck({ check, practice }: SetupCheckProps) {
  const connection = useConnectionCheck(check);
  const run = { untouched: T.runUntouched, busy: T.runBusy, good: T.runGood, bad: T.runBad }[practice.run];
  return (
    <section className={classes.card} aria-label={T.title}>
      <header>
        <h2 className={classes.title}>{T.title}</h2>
        <p className={classes.lead}>{T.lead}</p>
      </header>
      <div className={classes.checks}>
        <Check state={connection.state} title={T.connection} text={connection.text}>
          {connection.state === 'bad' && (
            <Button size="compact-xs" variant="default" onClick={connection.again}>
              {T.connectionAgain}
            </Button>
          )}
        </Check>
        <Check
          state={practice.typed ? 'good' : 'untouched'}
          title={T.editor}
          text={practice.typed ? T.editorTyped : T.editorUntouched}
        />
        <Check state={practice.run} title={T.runTitle} text={run} />
      </div>
      <div className={classes.practice}>
        <div className={classes.editor}>{practice.editor}</div>
        <div className={classes.bar}>
          <span className={classes.hint}>{T.editorHint}</span>
          <Button
            size="xs"
            variant="default"
            leftSection={<Play size={13} fill="currentColor" />}
            loading={practice.run === 'busy'}
            onClick={practice.start}
          >
            {T.run}
          </Button>
        </div>
        <div className={classes.output} aria-label={T.output} role="group">
          {practice.output}
        </div>
      </div>
    </section>
  );
}

const ICONS = { untouched: Circle, busy: CircleDashed, good: CircleCheck, bad: CircleAlert } as const;

interface CheckProps {
  state: CheckState;
  title: string;
  text: string;
  children?: ReactNode;
}

function Check({ state, title, text, children }: CheckProps) {
  const Icon = ICONS[state];
  return (
    <div className={classes.check} data-state={state}>
      <Icon size={18} aria-hidden="true" />
      <div className={classes.checkWords}>
        <span className={classes.checkTitle}>{title}</span>
        <span role="status" className={classes.checkText}>
          {text}
        </span>
      </div>
      {children}
    </div>
  );
}
