import { Button, Modal } from '@mantine/core';
import { useState, type RefObject } from 'react';
import { problemOfError } from '../lib/problem-kind';
import { TEXTS } from '../lib/texts';
import classes from './confirm-dialog.module.css';

export interface ConfirmDialogProps {
  opened: boolean;
  title: string;
  lead: string;
  confirm: string;
  /** Does the work. The dialog closes afterwards; when the work fails, it says why. */
  onConfirm: () => Promise<void>;
  onClose: () => void;
  /** What gets the focus after closing, when the button that opened the dialog is gone by then. */
  returnTo?: RefObject<HTMLElement | null>;
}

/** ConfirmDialog asks before something that cannot be undone. The focus is on Cancel. */
export function ConfirmDialog({ opened, title, lead, confirm, returnTo, ...on }: ConfirmDialogProps) {
  const { onConfirm, onClose } = on;
  const [attempt, setAttempt] = useState<{ busy: boolean; failure?: string }>({ busy: false });
  const act = async () => {
    setAttempt({ busy: true });
    try {
      await onConfirm();
      setAttempt({ busy: false });
      onClose();
    } catch (error) {
      const { title: what } = TEXTS.problems[problemOfError(error, 'session')];
      setAttempt({ busy: false, failure: TEXTS.session.failed(what) });
    }
  };
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      onExitTransitionEnd={() => returnTo?.current?.focus()}
      title={title}
      centered
      size={420}
      closeButtonProps={{ 'aria-label': TEXTS.session.close }}
    >
      <p className={classes.lead}>{lead}</p>
      {attempt.failure && (
        <p role="alert" className={classes.failure}>
          {attempt.failure}
        </p>
      )}
      <div className={classes.actions}>
        <Button variant="default" data-autofocus onClick={onClose}>
          {TEXTS.session.cancel}
        </Button>
        <Button color="red.9" loading={attempt.busy} onClick={() => void act()}>
          {confirm}
        </Button>
      </div>
    </Modal>
  );
}
