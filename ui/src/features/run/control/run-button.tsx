import { Button, Tooltip } from '@mantine/core';
import { Play, Square } from 'lucide-react';
import { TEXTS } from '../../../lib/texts';
import type { RunnerState } from '../runner-state';
import classes from './run-button.module.css';

export interface RunButtonProps {
  state: RunnerState;
  /** Why nothing can be run, if so. */
  unavailable?: string;
  onRun: () => void;
  onStop: () => void;
}

/** RunButton is Run while idle and Stop while a program runs here, in the same place and size. */
export function RunButton({ state, unavailable, onRun, onStop }: RunButtonProps) {
  if (state.status !== 'idle') {
    const stopping = state.status === 'stopping';
    return (
      <Button
        size="xs"
        color="red"
        variant="light"
        className={classes.button}
        data-stop
        leftSection={<Square size={13} fill="currentColor" />}
        disabled={stopping}
        onClick={onStop}
      >
        {stopping ? TEXTS.run.stopping : TEXTS.run.stop}
      </Button>
    );
  }
  return (
    <Tooltip label={unavailable ?? TEXTS.run.runHint} withArrow openDelay={400}>
      <Button
        size="xs"
        className={classes.button}
        data-run
        leftSection={<Play size={13} fill="currentColor" />}
        aria-disabled={unavailable ? true : undefined}
        data-disabled={unavailable ? true : undefined}
        aria-keyshortcuts="Control+Enter Meta+Enter"
        onClick={unavailable ? undefined : onRun}
      >
        {TEXTS.run.run}
      </Button>
    </Tooltip>
  );
}
