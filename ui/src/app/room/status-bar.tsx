import { canRun } from '../../features/run/sandbox/kits';
import { languageLabel } from '../../lib/languages';
import type { Readable } from '../../lib/readable';
import { TEXTS } from '../../lib/texts';
import { useReadable } from '../../lib/use-readable';
import classes from './status-bar.module.css';

export interface StatusBarProps {
  language: string;
  /** Changes with each key. It is passed as a Readable, so that only the status bar renders. */
  position: Readable<{ line: number; column: number }>;
  readOnly: boolean;
}

/** StatusBar holds the small facts. */
export function StatusBar({ language, position, readOnly }: StatusBarProps) {
  const label = languageLabel(language);
  const { line, column } = useReadable(position);
  return (
    <footer className={classes.bar} aria-label={TEXTS.room.statusBar}>
      <span>{readOnly ? TEXTS.room.readOnly : TEXTS.room.position(line, column)}</span>
      {!readOnly && (
        <span>{canRun(language) ? TEXTS.room.runsHere(label) : TEXTS.room.cannotRun(label)}</span>
      )}
    </footer>
  );
}
