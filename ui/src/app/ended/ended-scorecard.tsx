import { useState } from 'react';
import { EndedPart } from '../../features/ended/ended-part';
import { bookOf } from '../../features/scorecard/scorecard-book';
import { ScorecardPanel } from '../../features/scorecard/scorecard-panel';
import { scorecards as T } from '../../lib/texts/scorecards';

export interface EndedScorecardProps {
  id: string;
  token: string;
  /** Goes to a moment of the replay. Missing where there is none. */
  onMoment?: (at: number) => void;
}

/** EndedScorecard is where an interviewer writes what the interview showed. */
export function EndedScorecard({ id, token, onMoment }: EndedScorecardProps) {
  const [book] = useState(() => bookOf({ id, token }));
  return (
    <EndedPart title={T.title} flush>
      <ScorecardPanel book={book} moments={{ open: onMoment }} />
    </EndedPart>
  );
}
