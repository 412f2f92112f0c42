import { useMemo } from 'react';
import type { BarNote } from '../../features/replay/bar-marks';
import type { BookState, ScorecardBook } from '../../features/scorecard/scorecard-book';
import { Value } from '../../lib/readable';
import { scorecards as T } from '../../lib/texts/scorecards';
import { useReadable } from '../../lib/use-readable';

const NONE = new Value<BookState>({ status: 'loading' });

/** useComments gives the comments that interviewers wrote, as marks of the bar. */
export function useComments(book: ScorecardBook | null): readonly BarNote[] {
  const state = useReadable(book?.state ?? NONE);
  const comments = state.status === 'open' ? state.all.comments : null;
  return useMemo(
    () =>
      (comments ?? []).map(({ moment, author, text }) => ({ at: moment, text: T.mark(author.name, text) })),
    [comments],
  );
}
