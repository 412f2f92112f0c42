import { useNow } from '../../components/use-now';
import { TEXTS } from '../../lib/texts';

/** RetryText counts down to the next try. */
export function RetryText({ retryAt }: { retryAt: number }) {
  const now = useNow(250);
  const seconds = Math.ceil((retryAt - now) / 1000);
  return <>{seconds > 0 ? TEXTS.problems.retryIn(seconds) : TEXTS.problems.retrying}</>;
}
