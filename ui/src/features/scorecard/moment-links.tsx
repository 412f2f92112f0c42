import { Link2, X } from 'lucide-react';
import { clockText } from '../../lib/format-time';
import { scorecards as T } from '../../lib/texts/scorecards';
import classes from './scorecard.module.css';

/** Moments is the replay that a scorecard is written beside, as far as it is there. */
export interface Moments {
  /** Goes to a moment. Missing where there is no replay. */
  open?: (at: number) => void;
  /** Where the replay stands. Missing beside no replay. */
  now?: () => number;
}

export interface MomentLinksProps {
  /** What they are evidence of. */
  about: string;
  list: readonly number[];
  moments: Moments;
  /** Missing where nothing is changed. */
  onChange?: (list: number[]) => void;
}

/** MomentLinks are the moments of the replay that show something. */
export function MomentLinks({ about, list, moments, onChange }: MomentLinksProps) {
  const { now, open } = moments;
  if (list.length === 0 && (!now || !onChange)) return null;
  return (
    <div className={classes.moments}>
      {list.map((at) => (
        <span key={at} className={classes.chip}>
          {open ? (
            <button
              type="button"
              className={classes.chipGo}
              aria-label={T.moment(at)}
              onClick={() => open(at)}
            >
              {clockText(at)}
            </button>
          ) : (
            <span className={classes.chipGo}>{clockText(at)}</span>
          )}
          {onChange && (
            <button
              type="button"
              className={classes.chipRemove}
              aria-label={T.unlink(at)}
              onClick={() => onChange(list.filter((one) => one !== at))}
            >
              <X size={12} />
            </button>
          )}
        </span>
      ))}
      {now && onChange && (
        <button
          type="button"
          className={classes.link}
          aria-label={T.linkFor(about)}
          onClick={() => onChange([...new Set([...list, Math.round(now())])].sort((a, b) => a - b))}
        >
          <Link2 size={13} aria-hidden="true" />
          {T.link}
        </button>
      )}
    </div>
  );
}
