import { useEffect, useState } from 'react';

/** useNow gives the time in milliseconds and renders again every stepMs while active. */
export function useNow(stepMs: number, active = true): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!active) return undefined;
    const timer = setInterval(() => setNow(Date.now()), stepMs);
    return () => clearInterval(timer);
  }, [stepMs, active]);
  return now;
}
