import { Button } from '@mantine/core';
import { Clock, CloudOff, KeyRound, RefreshCw, TriangleAlert } from 'lucide-react';
import { useEffect, type ReactNode } from 'react';
import { Link, useParams } from 'react-router';
import { MessagePage } from '../../components/message-page';
import { OpeningPage } from '../../features/replay/opening-page';
import { ApiError } from '../../lib/api';
import { openReplay, timelineOf } from '../../lib/replay-api';
import { TEXTS } from '../../lib/texts';
import { replay } from '../../lib/texts/replay';
import { useTitle } from '../use-title';
import { ReplayFrame } from './replay-frame';
import { failureText, useOpened } from './use-opened';

/** LinkRoute replays an interview that somebody shared by a link. */
export function LinkRoute() {
  const { code = '' } = useParams();
  const { opened, openLines } = useOpened();
  const { player, busy, error } = opened;
  useTitle(replay.title);
  useEffect(() => openLines(() => linesOf(code)), [code, openLines]);
  if (player) return <ReplayFrame player={player} linked />;
  if (error === null) return <OpeningPage done={busy ?? 0} />;
  const { icon, title, detail, again } = problemOf(error);
  return (
    <MessagePage icon={icon} title={title} detail={detail}>
      {again && (
        <Button leftSection={<RefreshCw size={16} />} onClick={() => openLines(() => linesOf(code))}>
          {replay.again}
        </Button>
      )}
      <Button component={Link} to="/" variant="default">
        {TEXTS.problems.home}
      </Button>
    </MessagePage>
  );
}

async function linesOf(code: string) {
  const { session, token } = await openReplay(code);
  return timelineOf({ id: session.id, token });
}

interface LinkProblem {
  icon: ReactNode;
  title: string;
  detail: string;
  again?: boolean;
}

function problemOf(error: unknown): LinkProblem {
  const T = replay.link;
  if (!(error instanceof ApiError)) {
    return {
      icon: <TriangleAlert size={26} />,
      title: replay.openFailed,
      detail: failureText(error),
      again: true,
    };
  }
  if (error.code === 'not_ended' || error.code === 'not_started') {
    return { icon: <Clock size={26} />, title: T.notEndedTitle, detail: T.notEndedDetail, again: true };
  }
  if (error.status === 410)
    return { icon: <Clock size={26} />, title: T.expiredTitle, detail: T.expiredDetail };
  if (error.status === 0 || error.status >= 500 || error.status === 429) {
    return { icon: <CloudOff size={26} />, title: T.awayTitle, detail: T.awayDetail, again: true };
  }
  return { icon: <KeyRound size={26} />, title: T.unknownTitle, detail: T.unknownDetail };
}
