import { Textarea } from '@mantine/core';
import { useId } from 'react';
import type { Criterion, Rating } from '../../lib/scorecards-api';
import { scorecards as T } from '../../lib/texts/scorecards';
import { MomentLinks, type Moments } from './moment-links';
import classes from './scorecard.module.css';

export interface CriterionFieldProps {
  criterion: Criterion;
  rating: Required<Rating>;
  moments: Moments;
  onChange: (change: Partial<Rating>) => void;
}

const LEVELS = [1, 2, 3, 4, 0] as const;

/** CriterionField rates one criterion, by the words for what 1 to 4 look like. */
export function CriterionField({ criterion, rating, moments, onChange }: CriterionFieldProps) {
  const name = useId();
  const { title, levels } = criterion;
  return (
    <fieldset className={classes.criterion}>
      <legend className={classes.criterionTitle}>{title}</legend>
      <div className={classes.levels}>
        {LEVELS.map((level) => (
          <label key={level} className={classes.level} data-chosen={rating.level === level || undefined}>
            <input
              type="radio"
              className="visually-hidden"
              name={name}
              checked={rating.level === level}
              onChange={() => onChange({ level })}
            />
            <span className={classes.levelNumber} aria-hidden={level === 0}>
              {level === 0 ? '–' : level}
            </span>
            <span>{level === 0 ? T.notAssessed : levels?.[level - 1]}</span>
          </label>
        ))}
      </div>
      <Textarea
        aria-label={T.evidence(title)}
        placeholder={T.evidenceHint}
        autosize
        minRows={1}
        maxRows={8}
        maxLength={4000}
        value={rating.evidence}
        onChange={(event) => onChange({ evidence: event.currentTarget.value })}
      />
      <MomentLinks
        about={title}
        list={rating.moments ?? []}
        moments={moments}
        onChange={(list) => onChange({ moments: list })}
      />
    </fieldset>
  );
}
