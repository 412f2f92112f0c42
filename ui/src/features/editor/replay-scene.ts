/** ReplayScene is what the editor of a replay shows at a moment. */
export interface ReplayScene {
  file: { id: string; name: string; language: string };
  /** The same number means the same text. */
  position: number;
  /** In UTF-16 units. */
  length: number;
  /** The whole text. A frame needs its splices alone. */
  text: () => string;
  /** What changed in the text since another scene of this file; null: too much. */
  splices: (since: number) => readonly Splice[] | null;
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

/** Several splices count their places in the text before all of them, in UTF-16 units. */
export interface Splice {
  index: number;
  removed: number;
  inserted: string;
}
