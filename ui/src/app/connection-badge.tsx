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

function show(state: ConnectionState, now: number): Shown {
  switch (state.status) {
    case 'connecting':
      return { tone: 'busy', text: TEXTS.connection.connecting };
    case 'live':
      return state.saved
        ? { tone: 'good', text: TEXTS.connection.saved, hint: TEXTS.connection.savedHint }
        : { tone: 'busy', text: TEXTS.connection.saving, hint: TEXTS.connection.savingHint };
    case 'offline': {
      const seconds = Math.ceil((state.retryAt - now) / 1000);
      const text = seconds > 0 ? TEXTS.connection.offlineIn(seconds) : TEXTS.connection.reconnecting;
      return { tone: 'warn', text, hint: TEXTS.connection.offlineHint };
    }
    case 'ended':
      return { tone: 'warn', text: TEXTS.connection.ended };
  }
}

/** ConnectionBadge says how it stands with the server. While offline it is also the button to try now. */
export function ConnectionBadge({ state, onRetry }: { state: ConnectionState; onRetry: () => void }) {
  const now = useNow(250, state.status === 'offline');
  const { tone, text, hint } = show(state, now);
  // A countdown is for the eye; a screen reader hears each state once.
  const spoken = state.status === 'offline' ? TEXTS.connection.reconnecting : text;
  return (
    <>
      <Tooltip label={hint} disabled={!hint} withArrow multiline maw={260}>
        <UnstyledButton
          className={classes.badge}
          data-tone={tone}
          aria-label={`${TEXTS.connection.label}: ${text}`}
          onClick={state.status === 'offline' ? onRetry : undefined}
        >
          <span className={classes.dot} aria-hidden="true" />
          <span className={classes.text}>{text}</span>
        </UnstyledButton>
      </Tooltip>
      <span role="status" className="visually-hidden">
        {tone === 'warn' ? spoken : ''}
      </span>
    </>
  );
}
