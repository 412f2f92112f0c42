import { Button, Modal, Textarea } from '@mantine/core';
import { useId, useState } from 'react';
import { ApiError } from '../../lib/api';
import type { Scorecards } from '../../lib/scorecards-api';
import { scorecards as T } from '../../lib/texts/scorecards';
import { CriterionField } from './criterion-field';
import { rate, ratingIn, type Decision, type Draft } from './draft';
import { MomentLinks, type Moments } from './moment-links';
import type { Saving, ScorecardBook } from './scorecard-book';
import classes from './scorecard.module.css';

export interface ScorecardFormProps {
  book: ScorecardBook;
  all: Scorecards;
  draft: Draft;
  saving: Saving;
  moments: Moments;
}

/** ScorecardForm is one's own scorecard while it is written. */
export function ScorecardForm({ book, all, draft, saving, moments }: ScorecardFormProps) {
  const edit = (change: Partial<Draft>) => book.edit((now) => ({ ...now, ...change }));
  return (
    <form className={classes.form} onSubmit={(event) => event.preventDefault()}>
      <p className={`${classes.lead} ${classes.whole}`}>{T.lead}</p>
      {all.rubric.criteria?.map((criterion) => (
        <CriterionField
          key={criterion.id}
          criterion={criterion}
          rating={ratingIn(draft, criterion.id)}
          moments={moments}
          onChange={(change) => book.edit((now) => rate(now, criterion.id, change))}
        />
      ))}
      <DecisionField value={draft.decision} onChange={(decision) => edit({ decision })} />
      <div className={`${classes.criterion} ${classes.whole}`}>
        <Textarea
          label={T.words}
          placeholder={T.wordsHint}
          autosize
          minRows={3}
          maxRows={14}
          maxLength={10_000}
          value={draft.words}
          onChange={(event) => edit({ words: event.currentTarget.value })}
        />
        <MomentLinks
          about={T.words}
          list={draft.moments}
          moments={moments}
          onChange={(list) => edit({ moments: list })}
        />
      </div>
      {saving.status === 'conflict' && <Conflict book={book} />}
      <Submit book={book} decided={draft.decision !== ''} blocked={saving.status === 'conflict'} />
    </form>
  );
}

const DECISIONS = ['strong_no', 'no', 'yes', 'strong_yes', 'not_assessed'] as const;

function DecisionField({ value, onChange }: { value: Decision; onChange: (next: Decision) => void }) {
  const name = useId();
  return (
    <fieldset className={classes.criterion}>
      <legend className={classes.criterionTitle}>{T.decision}</legend>
      <div className={classes.decisions}>
        {DECISIONS.map((one) => (
          <label
            key={one}
            className={classes.decision}
            data-decision={one}
            data-chosen={value === one || undefined}
          >
            <input
              type="radio"
              className="visually-hidden"
              name={name}
              checked={value === one}
              onChange={() => onChange(one)}
            />
            {T.decisions[one]}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function Conflict({ book }: { book: ScorecardBook }) {
  return (
    <div role="alert" className={`${classes.conflict} ${classes.whole}`}>
      <p>{T.conflict}</p>
      <div className={classes.row}>
        <Button size="xs" variant="default" onClick={() => void book.resolve('theirs')}>
          {T.takeTheirs}
        </Button>
        <Button size="xs" variant="default" onClick={() => void book.resolve('mine')}>
          {T.keepMine}
        </Button>
      </div>
    </div>
  );
}

function Submit({ book, decided, blocked }: { book: ScorecardBook; decided: boolean; blocked: boolean }) {
  const [asking, setAsking] = useState(false);
  const [attempt, setAttempt] = useState<{ busy: boolean; failure?: string }>({ busy: false });
  const submit = async () => {
    setAsking(false);
    setAttempt({ busy: true });
    try {
      await book.submit();
      setAttempt({ busy: false });
    } catch (error) {
      setAttempt({ busy: false, failure: error instanceof ApiError ? error.message : T.why.refused });
    }
  };
  return (
    <div className={`${classes.row} ${classes.whole}`}>
      <Button disabled={!decided || blocked} loading={attempt.busy} onClick={() => setAsking(true)}>
        {T.submit}
      </Button>
      {!decided && <span className={classes.faint}>{T.submitHint}</span>}
      {attempt.failure && (
        <span role="alert" className={classes.bad}>
          {attempt.failure}
        </span>
      )}
      <Modal opened={asking} onClose={() => setAsking(false)} title={T.confirmTitle} size={420}>
        <p className={classes.lead}>{T.confirm}</p>
        <div className={classes.row}>
          <Button onClick={() => void submit()} data-autofocus>
            {T.submit}
          </Button>
          <Button variant="default" onClick={() => setAsking(false)}>
            {T.confirmNo}
          </Button>
        </div>
      </Modal>
    </div>
  );
}
