/** ReplayScene is what the editor of a replay shows at a moment. */
export interface ReplayScene {
  file: { id: string; name: string; language: string };
  text: string;
  carets: readonly ReplayCaret[];
  /** What came in one edit of several lines just now. A new object for each. */
  fresh: { from: number; to: number } | null;
  /** What changed since the last pause. */
  changed: readonly { from: number; to: number }[];
  /** What to bring into view. */
  place: { index: number } | { line: number } | null;
}

export interface ReplayCaret {
  /** Tells people apart in the style sheet. */
  number: number;
  name: string;
  color: string;
  index: number;
  /** Whether this person typed just now. */
  typing: boolean;
}

/** Splice turns one text into another. */
export interface Splice {
  index: number;
  removed: number;
  inserted: string;
}

/** spliceOf is the smallest single splice between two texts; null where they are the same. */
export function spliceOf(before: string, after: string): Splice | null {
  if (before === after) return null;
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before.charCodeAt(start) === after.charCodeAt(start)) start += 1;
  let end = 0;
  while (
    end < shorter - start &&
    before.charCodeAt(before.length - 1 - end) === after.charCodeAt(after.length - 1 - end)
  )
    end += 1;
  return {
    index: start,
    removed: before.length - start - end,
    inserted: after.slice(start, after.length - end),
  };
}
