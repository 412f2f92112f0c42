import type { Criterion, Scorecard } from '../../lib/scorecards-api';
import { scorecards as T } from '../../lib/texts/scorecards';
import { draftOf } from './draft';
import { MomentLinks, type Moments } from './moment-links';
import classes from './scorecard.module.css';

export interface ScorecardTextProps {
  card: Scorecard;
  criteria: readonly Criterion[];
  moments: Moments;
}

const when = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });

/** ScorecardText is a scorecard to read. */
export function ScorecardText({ card, criteria, moments }: ScorecardTextProps) {
  const draft = draftOf(card);
  const { decision } = draft;
  return (
    <article className={classes.card} aria-label={card.author.name}>
      <header className={classes.cardHead}>
        <h3 className={classes.cardName}>{card.author.name}</h3>
        <span className={classes.badge} data-decision={decision}>
          {decision === '' ? T.undecided : T.decisions[decision]}
        </span>
        <span className={classes.faint}>
          {card.submitted_at ? T.submittedAt(when.format(Date.parse(card.submitted_at))) : T.draftOf}
        </span>
      </header>
      {draft.words && <p className={classes.prose}>{draft.words}</p>}
      <MomentLinks about={T.words} list={draft.moments} moments={moments} />
      <dl className={classes.ratings}>
        {criteria.map(({ id, title, levels }) => {
          const rating = draft.ratings.find(({ criterion }) => criterion === id);
          if (!rating) return null;
          const level = rating.level;
          return (
            <div key={id} className={classes.rating}>
              <dt className={classes.ratingTitle}>
                {title}
                <span className={classes.ratingLevel}>{level ? T.levelOf(level) : T.notAssessed}</span>
              </dt>
              <dd className={classes.ratingText}>
                {level > 0 && <p className={classes.faint}>{levels?.[level - 1]}</p>}
                {rating.evidence && <p className={classes.prose}>{rating.evidence}</p>}
                <MomentLinks about={title} list={rating.moments ?? []} moments={moments} />
              </dd>
            </div>
          );
        })}
      </dl>
    </article>
  );
}
