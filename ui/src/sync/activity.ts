import type { Awareness } from 'y-protocols/awareness';

/** Activity says whether a person is active, idle, or has the page out of sight. */
export type Activity = 'active' | 'idle' | 'away';

/** After this time without a key or pointer a person is idle. */
export const IDLE_MS = 60_000;

const INPUT = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'] as const;

export function isActivity(value: unknown): value is Activity {
  return value === 'active' || value === 'idle' || value === 'away';
}

/**
 * watchActivity keeps the `activity` of our presence true until the returned function is called.
 */
export function watchActivity(awareness: Awareness, target: Window = window): () => void {
  const page = target.document;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let shown: Activity | null = null;
  const show = (activity: Activity) => {
    if (activity === shown) return;
    shown = activity;
    awareness.setLocalStateField('activity', activity);
  };
  const settle = () => {
    clearTimeout(timer);
    if (page.visibilityState === 'hidden') return show('away');
    show('active');
    timer = setTimeout(() => show('idle'), IDLE_MS);
  };
  settle();
  page.addEventListener('visibilitychange', settle);
  for (const event of INPUT) page.addEventListener(event, settle, { capture: true, passive: true });
  return () => {
    clearTimeout(timer);
    page.removeEventListener('visibilitychange', settle);
    for (const event of INPUT) page.removeEventListener(event, settle, { capture: true });
  };
}
