import { languageLabel } from '../../lib/languages';
import { TEXTS } from '../../lib/texts';
import classes from './output-panel.module.css';

/** RunProgress shows how far the runtime has come. */
export function RunProgress({ share, language }: { share: number; language: string }) {
  // All is here and the runtime starts: that has no measure.
  const starting = share >= 1;
  const percent = Math.round(share * 100);
  const name = languageLabel(language);
  const label = starting ? TEXTS.run.starting(name) : TEXTS.run.preparing(name);
  return (
    <div className={classes.progress}>
      <span>{label}</span>
      <div
        className={classes.track}
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={starting ? undefined : percent}
      >
        <div className={classes.bar} data-starting={starting} style={{ width: `${percent}%` }} />
      </div>
    </div>
  );
}
