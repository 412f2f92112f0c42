import { Button } from '@mantine/core';
import { CalendarX } from 'lucide-react';
import { Link } from 'react-router';
import { MessagePage } from '../../components/message-page';
import { TEXTS } from '../../lib/texts';

/** MissedPage is for whoever waited for an interview that then did not take place. */
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
