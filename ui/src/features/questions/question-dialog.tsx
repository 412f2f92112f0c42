import { Modal } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { TEXTS } from '../../lib/texts';
import { questions as T } from '../../lib/texts/questions';
import { QuestionBrowser, type QuestionBrowserProps } from './question-browser';
import classes from './questions.module.css';

export interface QuestionDialogProps extends Omit<QuestionBrowserProps, 'wide'> {
  opened: boolean;
  onClose: () => void;
}

/** Below this width the preview takes the place of the list. */
const WIDE = '(min-width: 820px)';

/** QuestionDialog has the questions over the page. It closes when one is taken. */
export function QuestionDialog({ opened, onClose, onPick, ...browser }: QuestionDialogProps) {
  const wide = useMediaQuery(WIDE, true, { getInitialValueInEffect: false });
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={T.title}
      size={1080}
      centered
      fullScreen={!wide}
      classNames={{ content: classes.dialog, header: classes.dialogHead, body: classes.dialogBody }}
      closeButtonProps={{ 'aria-label': TEXTS.session.close }}
    >
      <QuestionBrowser
        {...browser}
        wide={wide}
        onPick={async (question, language) => {
          await onPick(question, language);
          onClose();
        }}
      />
    </Modal>
  );
}
