import { BINS, type Stretch } from '../../replay/replay';

/** A pause takes as much room in a compressed bar as so much activity. */
const IDLE_SHOWN_MS = 1_200;

/** More lanes than this would be lines of a pixel. */
export const MAX_SHOWN_LANES = 16;

interface Piece {
  from: number;
  to: number;
  /** Where it begins and ends in the bar, from 0 to 1. */
  left: number;
  right: number;
  idle: boolean;
}

/** BarScale says where a moment stands in the bar. Pauses are as long as they were, or thin. */
export class BarScale {
  readonly pieces: readonly Piece[];
  readonly #duration: number;

  constructor(duration: number, idle: readonly Stretch[], compressed: boolean) {
    this.#duration = Math.max(1, duration);
    this.pieces = piecesOf(this.#duration, idle, compressed);
  }

  /** From 0 to 1. */
  place(at: number): number {
    const time = Math.min(this.#duration, Math.max(0, at));
    const piece = this.#pieceAt(time);
    if (!piece) return 0;
    const share = piece.to === piece.from ? 0 : (time - piece.from) / (piece.to - piece.from);
    return piece.left + share * (piece.right - piece.left);
  }

  /** Asked each frame, and pauses are many. */
  #pieceAt(time: number): Piece | undefined {
    let low = 0;
    let high = this.pieces.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (time <= (this.pieces[middle]?.to ?? 0)) high = middle;
      else low = middle + 1;
    }
    return this.pieces[low];
  }

  timeAt(place: number): number {
    const wanted = Math.min(1, Math.max(0, place));
    const piece = this.pieces.find(({ right }) => wanted <= right) ?? this.pieces.at(-1);
    if (!piece) return 0;
    const width = piece.right - piece.left;
    const share = width === 0 ? 0 : Math.min(1, (wanted - piece.left) / width);
    return piece.from + share * (piece.to - piece.from);
  }
}

function piecesOf(duration: number, idle: readonly Stretch[], compressed: boolean): Piece[] {
  const stretches: { from: number; to: number; idle: boolean }[] = [];
  let at = 0;
  for (const { from, to } of idle) {
    if (to <= from || from < at || from >= duration) continue;
    if (from > at) stretches.push({ from: at, to: from, idle: false });
    at = Math.min(to, duration);
    stretches.push({ from, to: at, idle: true });
  }
  if (at < duration) stretches.push({ from: at, to: duration, idle: false });
  const shown = stretches.map(({ from, to, idle: pause }) =>
    pause && compressed ? Math.min(to - from, IDLE_SHOWN_MS) : to - from,
  );
  const total = shown.reduce((sum, length) => sum + length, 0);
  let left = 0;
  return stretches.map((stretch, index) => {
    const right = index === stretches.length - 1 ? 1 : left + (shown[index] ?? 0) / total;
    const piece = { ...stretch, left, right };
    left = right;
    return piece;
  });
}

/**
 * barsPath draws counts as bars from the bottom of a box that is 1000 wide and `height` high. The
 * root makes small counts visible beside large ones.
 */
export function barsPath(
  counts: ArrayLike<number>,
  { scale, duration, height, most }: { scale: BarScale; duration: number; height: number; most: number },
): string {
  const step = duration / BINS;
  const path: string[] = [];
  for (let bin = 0; bin < counts.length; bin += 1) {
    const count = counts[bin] ?? 0;
    if (count === 0) continue;
    const left = scale.place(bin * step) * 1000;
    const right = Math.max(left + 1.2, scale.place((bin + 1) * step) * 1000);
    const top = height - Math.max(height * 0.12, height * Math.sqrt(count / Math.max(1, most)));
    path.push(`M${round(left)} ${height}V${round(top)}H${round(right)}V${height}Z`);
  }
  return path.join('');
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** binAt is the part of the duration that a moment lies in. */
export function binAt(at: number, duration: number): number {
  return Math.min(BINS - 1, Math.max(0, Math.floor((at / Math.max(1, duration)) * BINS)));
}
