/** First wait, before jitter. It is short because most interruptions are short. */
const BASE_MS = 400;
/** Longest wait: a server restart should be noticed while a person still looks at the screen. */
const MAX_MS = 8_000;

/**
 * backoffMs is the wait before reconnect number attempt (0 is the first), in milliseconds:
 * exponential and random between half its bound and the bound, so that not everybody reconnects to
 * a restarted server at once.
 */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  const bound = Math.min(MAX_MS, BASE_MS * 2 ** Math.min(attempt, 10));
  return Math.round(bound / 2 + (bound / 2) * random());
}
