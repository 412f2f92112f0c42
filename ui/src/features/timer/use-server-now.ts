import { useEffect, useState } from 'react';
import type { ServerClock } from '../../lib/server-clock';
import { useReadable } from '../../lib/use-readable';

/** How often the face is drawn anew. */
const STEP_MS = 250;

/** useServerNow gives the server's time, drawn anew while it runs. */
export function useServerNow(clock: ServerClock, running: boolean): number {
  useReadable(clock);
  const [, draw] = useState(0);
  useEffect(() => {
    if (!running) return undefined;
    const timer = setInterval(() => draw((n) => n + 1), STEP_MS);
    return () => clearInterval(timer);
  }, [running]);
  return clock.now();
}
