import { languageLabel } from '../../../lib/languages';
import { TEXTS } from '../../../lib/texts';
import classes from './output-panel.module.css';

interface RunProgressProps {
  share: number;
  language: string;
  compiling?: boolean;
}

/** RunProgress shows how far the runtime has come. */
export function RunProgress({ share, language, compiling }: RunProgressProps) {
  // Everything is loaded and the runtime starts, which has no measurable progress.
  const starting = share >= 1;
  const percent = Math.round(share * 100);
  const name = languageLabel(language);
  const begun = compiling ? TEXTS.run.compiling(name) : TEXTS.run.starting(name);
  const label = starting ? begun : TEXTS.run.preparing(name);
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
