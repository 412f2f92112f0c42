import { CircleAlert, CircleCheck, CircleDashed, CircleStop, Timer } from 'lucide-react';
import { TEXTS } from '../../../lib/texts';
import type { Run, RunStatus } from '../../../sync/runs';
import classes from './output-panel.module.css';

type ShownStatus = RunStatus | 'interrupted';

const ICONS = {
  running: CircleDashed,
  ok: CircleCheck,
  error: CircleAlert,
  stopped: CircleStop,
  timeout: Timer,
  interrupted: CircleStop,
} as const;

export interface RunSummaryProps {
  run: Run;
  runner: string;
  self: boolean;
  /** Whether it is known that this person ran it, and nobody else wrote in it. */
  proven: boolean;
  /** Whether the person who ran it is here. The program runs in their browser and ends with it. */
  online: boolean;
}

/**
 * RunSummary says who ran the program and how it went; a screen reader hears it when it changes.
 */
export function RunSummary({ run, runner, self, proven, online }: RunSummaryProps) {
  const status: ShownStatus = run.status === 'running' && !online && !self ? 'interrupted' : run.status;
  const Icon = ICONS[status];
  return (
    <div className={classes.summary}>
      <span className={classes.runner} title={proven ? TEXTS.run.inBrowserOf : TEXTS.run.unproven}>
        {proven ? TEXTS.run.ranBy(self ? TEXTS.run.you : runner) : TEXTS.run.inNameOf(runner)}
      </span>
      {status !== 'running' && status !== 'interrupted' && (
        <span className={classes.duration}>{TEXTS.run.duration(run.durationMs)}</span>
      )}
      {run.exitCode !== null && run.exitCode !== 0 && (
        <span className={classes.duration}>{TEXTS.run.exitCode(run.exitCode)}</span>
      )}
      <span role="status" className={classes.status} data-status={status}>
        <Icon size={14} aria-hidden="true" />
        {TEXTS.run.status[status]}
      </span>
    </div>
  );
}
