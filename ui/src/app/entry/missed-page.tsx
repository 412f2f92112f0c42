import { Button } from '@mantine/core';
import { CalendarX } from 'lucide-react';
import { Link } from 'react-router';
import { MessagePage } from '../../components/message-page';
import { TEXTS } from '../../lib/texts';

/** MissedPage tells a person who waited in the lobby that the interview ended without them. */
export function MissedPage() {
  const { endedTitle, endedDetail } = TEXTS.lobby.waiting;
  return (
    <MessagePage icon={<CalendarX size={26} />} title={endedTitle} detail={endedDetail}>
      <Button component={Link} to="/" variant="default">
        {TEXTS.problems.home}
      </Button>
    </MessagePage>
  );
}
