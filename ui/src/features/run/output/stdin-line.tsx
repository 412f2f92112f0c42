import { Button, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { TEXTS } from '../../../lib/texts';
import classes from './output-panel.module.css';

/**
 * StdinLine takes one line for a program that waits for it. It takes the focus: the program asked.
 */
export function StdinLine({ onSend }: { onSend: (line: string | null) => void }) {
  const [line, setLine] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSend(line);
    setLine('');
  };
  return (
    <form className={classes.stdinLine} onSubmit={submit}>
      <TextInput
        className={classes.stdinInput}
        aria-label={TEXTS.run.inputLabel}
        placeholder={TEXTS.run.inputPlaceholder}
        value={line}
        size="xs"
        autoFocus
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => setLine(event.currentTarget.value)}
      />
      <Button type="submit" size="xs" variant="default">
        {TEXTS.run.inputSend}
      </Button>
      <Button size="xs" variant="subtle" color="gray" onClick={() => onSend(null)}>
        {TEXTS.run.inputEnd}
      </Button>
    </form>
  );
}
