import { Textarea } from '@mantine/core';
import { TEXTS } from '../../../lib/texts';
import classes from './output-panel.module.css';

/**
 * StdinBox takes a program's input before the run, where the browser cannot let it wait for a line.
 * An isolated page has to be in an engine without shared memory.
 */
export function StdinBox({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  return (
    <div className={classes.stdinLine}>
      {crossOriginIsolated && <p className={classes.stdinLack}>{TEXTS.run.stdinLack}</p>}
      <Textarea
        className={classes.stdinInput}
        aria-label={TEXTS.run.stdinLabel}
        placeholder={crossOriginIsolated ? TEXTS.run.stdinPerRead : TEXTS.run.stdinPlaceholder}
        value={value}
        size="xs"
        rows={2}
        spellCheck={false}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    </div>
  );
}
