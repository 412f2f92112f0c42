import { Tooltip, UnstyledButton } from '@mantine/core';
import { useNow } from '../../../components/use-now';
import { TEXTS } from '../../../lib/texts';
import { useOnline } from '../../../lib/use-online';
import type { ConnectionState } from '../../../sync/room-connection';
import classes from './connection-badge.module.css';

const T = TEXTS.connection;

type Tone = 'good' | 'busy' | 'warn';

interface Shown {
  tone: Tone;
  text: string;
  hint?: string;
}

function show(state: Exclude<ConnectionState, { status: 'offline' }>): Shown {
  switch (state.status) {
    case 'connecting':
    case 'refused':
      return { tone: 'busy', text: T.connecting };
    case 'live':
      return state.saved
        ? { tone: 'good', text: T.saved, hint: T.savedHint }
        : { tone: 'busy', text: T.saving, hint: T.savingHint };
    case 'ended':
      return { tone: 'warn', text: T.ended };
  }
}

export interface ConnectionBadgeProps {
  state: ConnectionState;
  /** Whether changes that are not saved are kept on this device. */
  kept?: boolean;
  onRetry: () => void;
}

/**
 * ConnectionBadge shows the state of the connection. While the connection is gone, it is also the
 * button to try again now.
 */
export function ConnectionBadge({ state, kept = false, onRetry }: ConnectionBadgeProps) {
  const online = useOnline();
  // A countdown is for the eye; a screen reader hears each state once.
  const spoken = state.status !== 'offline' ? '' : online ? T.reconnecting : T.offline;
  const hint = `${online ? T.reconnectingHint : T.offlineHint}${kept ? ` ${T.keptHint}` : ''}`;
  return (
    <>
      {state.status !== 'offline' ? (
        <Badge {...show(state)} />
      ) : online ? (
        <CountdownBadge retryAt={state.retryAt} hint={hint} onRetry={onRetry} />
      ) : (
        <Badge tone="warn" text={T.offline} hint={hint} onClick={onRetry} />
      )}
      <span role="status" className="visually-hidden">
        {spoken}
      </span>
    </>
  );
}

function CountdownBadge({ retryAt, hint, onRetry }: { retryAt: number; hint: string; onRetry: () => void }) {
  const seconds = Math.ceil((retryAt - useNow(250)) / 1000);
  const text = seconds > 0 ? T.reconnectingIn(seconds) : T.reconnecting;
  return <Badge tone="warn" text={text} hint={hint} onClick={onRetry} />;
}

function Badge({ tone, text, hint, onClick }: Shown & { onClick?: () => void }) {
  return (
    <Tooltip label={hint} disabled={!hint} withArrow multiline maw={280}>
      <UnstyledButton
        className={classes.badge}
        data-tone={tone}
        aria-label={`${T.label}: ${text}`}
        onClick={onClick}
      >
        <span className={classes.dot} aria-hidden="true" />
        <span className={classes.text}>{text}</span>
      </UnstyledButton>
    </Tooltip>
  );
}
