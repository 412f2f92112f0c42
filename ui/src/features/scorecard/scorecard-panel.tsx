import { Button } from '@mantine/core';
import { useReadable } from '../../lib/use-readable';
import type { Assessor, Scorecards } from '../../lib/scorecards-api';
import { scorecards as T } from '../../lib/texts/scorecards';
import { MomentComments } from './moment-comments';
import type { Moments } from './moment-links';
import type { Saving, ScorecardBook } from './scorecard-book';
import { ScorecardForm } from './scorecard-form';
import { ScorecardText } from './scorecard-text';
import classes from './scorecard.module.css';

export interface ScorecardPanelProps {
  book: ScorecardBook;
  moments: Moments;
}

/** ScorecardPanel is one's own scorecard, those of others once that is submitted, and comments. */
export function ScorecardPanel({ book, moments }: ScorecardPanelProps) {
  const state = useReadable(book.state);
  if (state.status === 'loading') return <p className={classes.wait}>{T.loading}</p>;
  if (state.status === 'failed') {
    return (
      <div className={classes.wait}>
        <p role="alert">{T.failed}</p>
        <Button size="xs" variant="default" onClick={() => void book.load()}>
          {T.again}
        </Button>
      </div>
    );
  }
  const { all, draft, saving } = state;
  const criteria = all.rubric.criteria ?? [];
  const mine = all.me?.id ?? '';
  const writes = mine !== '';
  return (
    <div className={classes.panel}>
      {writes && (
        <header className={classes.head}>
          <h2 className={classes.heading}>{all.rubric.title}</h2>
          <SavingText saving={saving} />
        </header>
      )}
      {writes && saving.status !== 'submitted' && (
        <ScorecardForm {...{ book, all, draft, saving, moments }} />
      )}
      <div className={classes.cards}>
        {all.mine && saving.status === 'submitted' && (
          <ScorecardText card={all.mine} criteria={criteria} moments={moments} />
        )}
        {(all.others ?? []).map((card) => (
          <ScorecardText key={card.author.id} card={card} criteria={criteria} moments={moments} />
        ))}
      </div>
      <Others all={all} own={mine} />
      <MomentComments {...{ book, all, mine, moments }} />
    </div>
  );
}

function SavingText({ saving }: { saving: Saving }) {
  const text = saving.status === 'unsaved' ? T.unsaved(saving.why) : T.states[saving.status];
  const bad = saving.status === 'unsaved' || saving.status === 'conflict';
  return (
    <p role="status" className={classes.saving} data-bad={bad || undefined} data-testid="scorecard-saving">
      {text}
    </p>
  );
}

/** Others says of each further interviewer, whose scorecard is not shown, how far it is. */
function Others({ all, own }: { all: Scorecards; own: string }) {
  const shown = new Set((all.others ?? []).map(({ author }) => author.id));
  const hidden = (all.people ?? []).filter(({ id }) => id !== own && !shown.has(id));
  if (hidden.length === 0) return null;
  return (
    <section aria-label={T.others}>
      <h3 className={classes.heading}>{T.others}</h3>
      <ul className={classes.otherList}>
        {hidden.map((one) => (
          <li key={one.id}>
            <strong>{one.name}</strong> {stateText(one)}
          </li>
        ))}
      </ul>
    </section>
  );
}

const stateText = ({ state }: Assessor) => T.people[state];
