import { useCallback, useEffect, useState } from 'react';
import { TEXTS } from '../../lib/texts';

/** How one part of the set-up stands. */
export type CheckState = 'untouched' | 'busy' | 'good' | 'bad';

/** Above this delay a person notices that the others' typing comes late. */
const SLOW_MS = 400;

type Outcome = { state: 'busy' } | { state: 'good'; ms: number } | { state: 'bad' };

/** useConnectionCheck looks once, and again when asked. */
export function useConnectionCheck(check: () => Promise<number>) {
  const [outcome, setOutcome] = useState<Outcome>({ state: 'busy' });
  const [attempt, setAttempt] = useState(0);

  useEffect(() => {
    let current = true;
    const settle = (next: Outcome) => current && setOutcome(next);
    check().then(
      (ms) => settle({ state: 'good', ms }),
      () => settle({ state: 'bad' }),
    );
    return () => {
      current = false;
    };
  }, [check, attempt]);

  const again = useCallback(() => {
    setOutcome({ state: 'busy' });
    setAttempt((n) => n + 1);
  }, []);
  return { state: outcome.state as CheckState, text: textOf(outcome), again };
}

function textOf(outcome: Outcome): string {
  const texts = TEXTS.lobby.setup;
  if (outcome.state === 'busy') return texts.connectionBusy;
  if (outcome.state === 'bad') return texts.connectionBad;
  return outcome.ms > SLOW_MS ? texts.connectionSlow(outcome.ms) : texts.connectionGood(outcome.ms);
}
