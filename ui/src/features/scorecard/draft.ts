import type { Rating, Scorecard, ScorecardText } from '../../lib/scorecards-api';

export type Decision = NonNullable<ScorecardText['decision']>;

/** Draft is a scorecard as it is being written. */
export interface Draft {
  decision: Decision;
  words: string;
  moments: readonly number[];
  ratings: readonly Required<Rating>[];
}

export const EMPTY: Draft = { decision: '', words: '', moments: [], ratings: [] };

export function draftOf(card: Scorecard | ScorecardText | undefined): Draft {
  if (!card) return EMPTY;
  return {
    decision: card.decision ?? '',
    words: card.words ?? '',
    moments: card.moments ?? [],
    ratings: (card.ratings ?? []).map(ratingOf),
  };
}

function ratingOf({ criterion, level, evidence, moments }: Rating): Required<Rating> {
  return { criterion, level: level ?? 0, evidence: evidence ?? '', moments: moments ?? [] };
}

/** The rating of a criterion, which may be empty. */
export function ratingIn({ ratings }: Draft, criterion: string): Required<Rating> {
  return ratings.find((one) => one.criterion === criterion) ?? ratingOf({ criterion });
}

/** rate changes the rating of a criterion. */
export function rate(draft: Draft, criterion: string, change: Partial<Rating>): Draft {
  const next = ratingOf({ ...ratingIn(draft, criterion), ...change });
  const others = draft.ratings.filter((one) => one.criterion !== criterion);
  const empty = next.level === 0 && next.evidence === '' && (next.moments ?? []).length === 0;
  return { ...draft, ratings: empty ? others : [...others, next] };
}

/** The draft as the server takes it. */
export function bodyOf(draft: Draft): ScorecardText {
  return {
    decision: draft.decision,
    words: draft.words,
    moments: [...draft.moments],
    ratings: draft.ratings.map((one) => ({ ...one, moments: [...(one.moments ?? [])] })),
  };
}

export function sameDraft(a: Draft, b: Draft): boolean {
  const sorted = (draft: Draft) => ({
    ...bodyOf(draft),
    ratings: [...draft.ratings].sort((x, y) => x.criterion.localeCompare(y.criterion)),
  });
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}
