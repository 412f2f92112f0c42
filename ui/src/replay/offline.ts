import type { Connected } from './traces';

/** An entry this soon after somebody came back may be what they typed while away. */
const RETURN_MS = 10_000;

/** Less than this, in units put in or taken out, is one key or two and not worth a word. */
const MIN_UNITS = 20;

/** Without a trace: so many pieces in one entry after such a pause were not one action. */
const MIN_PIECES = 16;
const PAUSE_MS = 30_000;

/** One entry of one person, as far as it matters here. */
export interface Arrival {
  at: number;
  /** When this person's last entry came; 0: none did. */
  last: number;
  units: number;
  /** Pieces of text, each typed in one go. */
  pieces: number;
}

/**
 * typedOffline says since when somebody had been typing without a connection; null when an entry
 * came as it was typed. The rule:
 *
 *  1. The trace says that they had left and were back for 10 s at most, and it is the first that
 *     came from them since. Then all of it was typed in between.
 *  2. Without such a trace the entry holds 16 pieces or more (an editor sends one for each key, a
 *     paste is one) and nothing came from them for 30 s.
 *
 * In both cases it holds 20 units or more. A connection that was lost and found again without the
 * server noticing looks like a pause, and what was typed in it like an insertion.
 */
export function typedOffline(arrival: Arrival, connected: Connected | undefined): number | null {
  const { at, last, units, pieces } = arrival;
  if (units < MIN_UNITS) return null;
  if (connected && connected.leftAt > 0 && connected.leftAt <= connected.joinedAt) {
    const back = at - connected.joinedAt;
    if (back >= 0 && back <= RETURN_MS && last < connected.joinedAt) return connected.leftAt;
  }
  // Left, and something still came: another node was slower with it.
  if (last > 0 && at - last >= PAUSE_MS && pieces >= MIN_PIECES) return last;
  return null;
}
