import { Button } from '@mantine/core';
import {
  CircleSlash,
  Clock,
  CloudOff,
  KeyRound,
  RefreshCw,
  SearchX,
  TriangleAlert,
  UserX,
  Users,
} from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { TEXTS } from '../lib/texts';
import type { ProblemKind } from '../lib/problem-kind';
import { MessagePage } from './message-page';

const ICONS: Record<ProblemKind, ReactNode> = {
  unknownSession: <SearchX size={26} />,
  unknownInvite: <KeyRound size={26} />,
  needInvite: <KeyRound size={26} />,
  expired: <Clock size={26} />,
  removed: <UserX size={26} />,
  tooLarge: <CircleSlash size={26} />,
  malformed: <TriangleAlert size={26} />,
  full: <Users size={26} />,
  busy: <Clock size={26} />,
  serverAway: <CloudOff size={26} />,
  unexpected: <TriangleAlert size={26} />,
  notFound: <SearchX size={26} />,
};

export interface ProblemProps {
  kind: ProblemKind;
  /** Offered as a button where trying again can help. */
  onRetry?: () => void;
  children?: ReactNode;
}

/** Problem is the page for anything that keeps a person out, in words that say what to do. */
export function Problem({ kind, onRetry, children }: ProblemProps) {
  const { title, detail } = TEXTS.problems[kind];
  return (
    <MessagePage icon={ICONS[kind]} title={title} detail={detail}>
      {children}
      {onRetry && (
        <Button leftSection={<RefreshCw size={16} />} onClick={onRetry}>
          {TEXTS.problems.retry}
        </Button>
      )}
      <Button component={Link} to="/" variant="default">
        {TEXTS.problems.home}
      </Button>
    </MessagePage>
  );
}
