import { Button, Modal } from '@mantine/core';
import type { RefObject } from 'react';
import { ApiError } from '../lib/api';
import { problemOfError } from '../lib/problem-kind';
import { TEXTS } from '../lib/texts';
import classes from './confirm-dialog.module.css';

export interface FailureDialogProps {
  opened: boolean;
  failure: unknown;
  onClose: () => void;
  returnTo?: RefObject<HTMLElement | null>;
}

/** A conflict is explained by the server alone; all else has words of the page. */
function reason(failure: unknown): string {
  if (failure instanceof ApiError && failure.status === 409) return failure.message;
  const { title, detail } = TEXTS.problems[problemOfError(failure, 'session')];
  return `${title}. ${detail}`;
}

/** FailureDialog says why something that was chosen in a menu did not happen. */
export function FailureDialog({ opened, failure, onClose, returnTo }: FailureDialogProps) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      onExitTransitionEnd={() => returnTo?.current?.focus()}
      title={TEXTS.session.notDone}
      centered
      size={420}
      closeButtonProps={{ 'aria-label': TEXTS.session.close }}
    >
      <p className={classes.lead}>{reason(failure)}</p>
      <div className={classes.actions}>
        <Button variant="default" data-autofocus onClick={onClose}>
          {TEXTS.session.close}
        </Button>
      </div>
    </Modal>
  );
}
