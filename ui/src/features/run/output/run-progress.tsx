import { useEffect, useState } from 'react';
import { languageLabel } from '../../../lib/languages';
import { TEXTS } from '../../../lib/texts';
import classes from './output-panel.module.css';

interface RunProgressProps {
  share: number;
  language: string;
  compiling?: boolean;
}

/** A start that takes longer than this may never end. */
const LONG_MS = 20_000;

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
      {starting && !compiling && <LongStart />}
    </div>
  );
}

/**
 * LongStart says what helps when a language does not start: WebKit may start none of WebAssembly
 * once a Ruby program was stopped, until the page is loaded anew.
 */
function LongStart() {
  const [long, setLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), LONG_MS);
    return () => clearTimeout(timer);
  }, []);
  return long && <span role="status">{TEXTS.run.startsLong}</span>;
}
