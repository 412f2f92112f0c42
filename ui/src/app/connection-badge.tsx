import { Tooltip, UnstyledButton } from '@mantine/core';
import { useNow } from '../components/use-now';
import { TEXTS } from '../lib/texts';
import type { ConnectionState } from '../sync/room-connection';
import classes from './connection-badge.module.css';

type Tone = 'good' | 'busy' | 'warn';

interface Shown {
  tone: Tone;
  text: string;
  hint?: string;
}

function show(state: Exclude<ConnectionState, { status: 'offline' }>): Shown {
  switch (state.status) {
    case 'connecting':
      return { tone: 'busy', text: TEXTS.connection.connecting };
    case 'live':
      return state.saved
        ? { tone: 'good', text: TEXTS.connection.saved, hint: TEXTS.connection.savedHint }
        : { tone: 'busy', text: TEXTS.connection.saving, hint: TEXTS.connection.savingHint };
    case 'ended':
      return { tone: 'warn', text: TEXTS.connection.ended };
  }
}

/** ConnectionBadge says how it stands with the server. While offline it is also the button to try now. */
export function ConnectionBadge({ state, onRetry }: { state: ConnectionState; onRetry: () => void }) {
  // A countdown is for the eye; a screen reader hears each state once.
  const spoken = state.status === 'offline' ? TEXTS.connection.reconnecting : '';
  return (
    <>
      {state.status === 'offline' ? (
        <OfflineBadge retryAt={state.retryAt} onRetry={onRetry} />
      ) : (
        <Badge {...show(state)} />
      )}
      <span role="status" className="visually-hidden">
        {spoken}
      </span>
    </>
  );
}

function OfflineBadge({ retryAt, onRetry }: { retryAt: number; onRetry: () => void }) {
  const seconds = Math.ceil((retryAt - useNow(250)) / 1000);
  const text = seconds > 0 ? TEXTS.connection.offlineIn(seconds) : TEXTS.connection.reconnecting;
  return <Badge tone="warn" text={text} hint={TEXTS.connection.offlineHint} onClick={onRetry} />;
}

function Badge({ tone, text, hint, onClick }: Shown & { onClick?: () => void }) {
  return (
    <Tooltip label={hint} disabled={!hint} withArrow multiline maw={260}>
      <UnstyledButton
        className={classes.badge}
        data-tone={tone}
        aria-label={`${TEXTS.connection.label}: ${text}`}
        onClick={onClick}
      >
        <span className={classes.dot} aria-hidden="true" />
        <span className={classes.text}>{text}</span>
      </UnstyledButton>
    </Tooltip>
  );
}
