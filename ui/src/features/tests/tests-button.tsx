import { Button } from '@mantine/core';
import { ListChecks } from 'lucide-react';
import { useCallback, useState } from 'react';
import { lazyDialog } from '../../components/lazy-dialog';
import { TEXTS } from '../../lib/texts';
import { useReadable } from '../../lib/use-readable';
import type { Room } from '../../sync/room';
import classes from './tests-button.module.css';

const TestsDialog = lazyDialog(async () => (await import('./tests-dialog')).TestsDialog);

export interface TestsButtonProps {
  room: Room;
  /** Tests that interviewers alone have, and that are run after the others. */
  hidden: number;
  /** Runs them all; null where they cannot be run. */
  onRun: (() => void) | null;
}

/**
 * TestsButton opens the tests: the interviewer writes them, everybody sees those that are shown,
 * whoever may run runs them.
 */
export function TestsButton({ room, hidden, onRun }: TestsButtonProps) {
  const [opened, setOpened] = useState(false);
  const tests = useReadable(room.tests);
  const count = tests.length + hidden;
  const close = useCallback(() => setOpened(false), []);
  const leads = room.self.role === 'interviewer';
  if (!leads && tests.length === 0) return null;
  const run = () => {
    close();
    onRun?.();
  };
  return (
    <>
      <Button
        size="xs"
        variant="default"
        leftSection={<ListChecks size={14} aria-hidden="true" />}
        className={classes.button}
        aria-label={TEXTS.tests.open(count)}
        aria-haspopup="dialog"
        onClick={() => setOpened(true)}
      >
        <span className={classes.buttonText}>{TEXTS.tests.open(count)}</span>
        <span className={classes.buttonCount} aria-hidden="true">
          {count || ''}
        </span>
      </Button>
      <TestsDialog {...{ room, leads, hidden, opened }} onClose={close} onRun={onRun && run} />
    </>
  );
}
