import { languageLabel } from '../../lib/languages';
import { TEXTS } from '../../lib/texts';
import classes from './output-panel.module.css';

/** Past this share everything is here and the runtime starts, which has no measure. */
const LOADED = 0.98;

/** RunProgress shows how far the runtime has come. */
export function RunProgress({ share, language }: { share: number; language: string }) {
  const percent = Math.round(share * 100);
  const label =
    share >= LOADED
      ? TEXTS.run.starting(languageLabel(language))
      : TEXTS.run.preparing(languageLabel(language));
  return (
    <div className={classes.progress}>
      <span>{label}</span>
      <div
        className={classes.track}
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent}
      >
        <div className={classes.bar} style={{ width: `${percent}%` }} />
      </div>
    </div>
  );
}
