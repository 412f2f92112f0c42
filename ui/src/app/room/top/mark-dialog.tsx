import { Button, Modal, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { problemOfError } from '../../../lib/problem-kind';
import { TEXTS } from '../../../lib/texts';
import { quiet as T } from '../../../lib/texts/quiet';
import classes from './rename-dialog.module.css';

export interface MarkDialogProps {
  onMark: (text: string) => Promise<void>;
  onClose: () => void;
}

/** Longest word on a mark that is sent, in UTF-16 units. */
const MAX_TEXT = 200;

/** MarkDialog sets a mark for the replay. Enter is enough. */
export function MarkDialog({ onMark, onClose }: MarkDialogProps) {
  const [text, setText] = useState('');
  const [attempt, setAttempt] = useState<{ busy: boolean; failure?: string }>({ busy: false });
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setAttempt({ busy: true });
    try {
      await onMark(text.trim());
      onClose();
    } catch (error) {
      const { title } = TEXTS.problems[problemOfError(error, 'session')];
      setAttempt({ busy: false, failure: T.failed(title) });
    }
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={T.markTitle}
      size={360}
      closeButtonProps={{ 'aria-label': T.close }}
    >
      <form onSubmit={(event) => void submit(event)}>
        <TextInput
          label={T.markLabel}
          description={T.markLead}
          value={text}
          maxLength={MAX_TEXT}
          error={attempt.failure}
          data-autofocus
          autoComplete="off"
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <div className={classes.actions}>
          <Button type="submit" loading={attempt.busy}>
            {T.markSave}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
