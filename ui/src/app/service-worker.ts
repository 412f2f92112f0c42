import { Value, type Readable } from '../lib/readable';

/** The page and its editor load first. Files for the next visit are fetched after that. */
const REGISTER_AFTER_MS = 4_000;

const waiting = new Value<(() => void) | null>(null);

/**
 * appUpdate is how to change to a new version of the page that is ready; null while there is none.
 */
export const appUpdate: Readable<(() => void) | null> = waiting;

/**
 * startServiceWorker has the browser keep the page itself, so that the page opens without a
 * network. Nothing of a session is kept. Browsers offer no service worker on plain http, and
 * nothing depends on it.
 */
export function startServiceWorker(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  setTimeout(() => void register().catch(() => undefined), REGISTER_AFTER_MS);
}

async function register(): Promise<void> {
  const { registerSW } = await import('virtual:pwa-register');
  const update = registerSW({
    onNeedRefresh: () => waiting.set(() => void update(true)),
  });
}
