import { Button } from '@mantine/core';
import { ArrowLeft, TriangleAlert } from 'lucide-react';
import { useEffect, useState } from 'react';
import { MessagePage } from '../../components/message-page';
import { OpeningPage } from '../../features/replay/opening-page';
import { bookOf } from '../../features/scorecard/scorecard-book';
import { timelineOf } from '../../lib/replay-api';
import { replay as T } from '../../lib/texts/replay';
import { ReplayFrame } from './replay-frame';
import { failureText, useOpened } from './use-opened';

export interface SessionReplayProps {
  id: string;
  token: string;
  /** Whether the person writes a scorecard beside it. */
  judges?: boolean;
  onBack: () => void;
}

/** SessionReplay replays the session that a person took part in. */
export function SessionReplay({ id, token, judges, onBack }: SessionReplayProps) {
  const { opened, openLines } = useOpened();
  const { player, busy, error } = opened;
  const [book] = useState(() => (judges ? bookOf({ id, token }) : null));
  useEffect(() => openLines(() => timelineOf({ id, token })), [id, token, openLines]);
  const back = (
    <Button size="xs" variant="default" leftSection={<ArrowLeft size={15} />} onClick={onBack}>
      {T.back}
    </Button>
  );
  if (player) return <ReplayFrame player={player} linked start={back} book={book} />;
  if (error === null) return <OpeningPage done={busy ?? 0} />;
  return (
    <MessagePage icon={<TriangleAlert size={26} />} title={T.openFailed} detail={failureText(error)}>
      {back}
    </MessagePage>
  );
}
