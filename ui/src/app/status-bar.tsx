import { canRun } from '../features/run/kits';
import { languageLabel } from '../lib/languages';
import { TEXTS } from '../lib/texts';
import classes from './status-bar.module.css';

export interface StatusBarProps {
  language: string;
  position: { line: number; column: number };
  readOnly: boolean;
}

/** StatusBar holds the small facts. */
export function StatusBar({ language, position, readOnly }: StatusBarProps) {
  const label = languageLabel(language);
  return (
    <footer className={classes.bar} aria-label={TEXTS.room.statusBar}>
      <span>{readOnly ? TEXTS.room.readOnly : TEXTS.room.position(position.line, position.column)}</span>
      {!readOnly && (
        <span>{canRun(language) ? TEXTS.room.runsHere(label) : TEXTS.room.cannotRun(label)}</span>
      )}
    </footer>
  );
}
