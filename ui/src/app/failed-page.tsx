import { useEffect } from 'react';
import { Problem } from '../components/problem';
import { NotLoaded } from '../components/lazily';

/** While the server is away it is asked again this often. */
const RETRY_MS = 5_000;

const reload = () => location.reload();

/** FailedPage is shown when the page itself failed: a part of it did not load, or it has a bug. */
export function FailedPage({ error }: { error: unknown }) {
  return error instanceof NotLoaded ? <AwayPage /> : <Problem kind="unexpected" onRetry={reload} />;
}

/**
 * Some browsers never ask again for a part that failed to load, so the page reloads when the server
 * is back.
 */
function AwayPage() {
  useEffect(() => {
    const timer = setInterval(() => {
      fetch('/healthz', { cache: 'no-store' }).then(
        ({ ok }) => ok && reload(),
        () => undefined,
      );
    }, RETRY_MS);
    return () => clearInterval(timer);
  }, []);
  return <Problem kind="serverAway" onRetry={reload} />;
}
