import { Button, Modal, TextInput } from '@mantine/core';
import { useState, type FormEvent, type RefObject } from 'react';
import { problemOfError } from '../../../lib/problem-kind';
import { TEXTS } from '../../../lib/texts';
import classes from './rename-dialog.module.css';

export interface RenameDialogProps {
  opened: boolean;
  title: string;
  onRename: (title: string) => Promise<void>;
  onClose: () => void;
  /** What gets the focus after closing. */
  returnTo: RefObject<HTMLElement | null>;
}

/** Longest title that is sent, in UTF-16 units. */
const MAX_TITLE = 120;
const T = TEXTS.session;

/** RenameDialog changes what the session is called. */
export function RenameDialog({ opened, onClose, returnTo, ...form }: RenameDialogProps) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      onExitTransitionEnd={() => returnTo.current?.focus()}
      title={T.renameTitle}
      centered
      size={420}
      closeButtonProps={{ 'aria-label': T.close }}
    >
      <RenameForm onClose={onClose} {...form} />
    </Modal>
  );
}

function RenameForm({ title, onRename, onClose }: Omit<RenameDialogProps, 'opened' | 'returnTo'>) {
  const [text, setText] = useState(title);
  const [failure, setFailure] = useState<string>();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onRename(text.trim()).then(onClose, (error: unknown) =>
      setFailure(T.failed(TEXTS.problems[problemOfError(error, 'session')].title)),
    );
  };
  return (
    <form onSubmit={submit}>
      <TextInput
        label={T.renameLabel}
        value={text}
        maxLength={MAX_TITLE}
        error={failure}
        data-autofocus
        autoComplete="off"
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <div className={classes.actions}>
        <Button variant="default" onClick={onClose}>
          {T.cancel}
        </Button>
        <Button type="submit">{T.renameSave}</Button>
      </div>
    </form>
  );
}
