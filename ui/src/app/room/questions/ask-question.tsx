import { Button } from '@mantine/core';
import { BookOpen } from 'lucide-react';
import { useCallback, useState } from 'react';
import { lazyDialog } from '../../../components/lazy-dialog';
import { askQuestion } from '../../../lib/questions-api';
import { questions as T } from '../../../lib/texts/questions';
import { useReadable } from '../../../lib/use-readable';
import type { Room } from '../../../sync/room';
import type { SessionRecord } from '../../session/use-session-record';
import { openFirst } from './open-first';

const QuestionDialog = lazyDialog(
  async () => (await import('../../../features/questions/question-dialog')).QuestionDialog,
);

/** AskQuestion puts a question into a running session. What is there is kept as files. */
export function AskQuestion({ room, record }: { room: Room; record: SessionRecord }) {
  const [opened, setOpened] = useState(false);
  const { id, token } = record.saved;
  const { language } = useReadable(room.active);
  const close = useCallback(() => setOpened(false), []);
  return (
    <>
      <Button
        size="compact-sm"
        variant="subtle"
        color="gray"
        leftSection={<BookOpen size={14} aria-hidden="true" />}
        aria-haspopup="dialog"
        onClick={() => setOpened(true)}
      >
        {T.open}
      </Button>
      <QuestionDialog
        opened={opened}
        onClose={close}
        token={token}
        action={T.insert}
        lead={T.insertLead}
        language={language}
        onPick={async (question, chosen) => {
          await askQuestion({ id, token }, question.id, chosen);
          openFirst(room);
          room.changedRecord();
          record.refresh();
        }}
      />
    </>
  );
}
