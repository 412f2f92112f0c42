import { Button, TextInput } from '@mantine/core';
import { useState, type ClipboardEvent, type FormEvent } from 'react';
import { TEXTS } from '../../lib/texts';
import classes from './output-panel.module.css';

/** StdinLine takes one line for a program that waits for it. It takes the focus: the program asked. */
export function StdinLine({ onSend }: { onSend: (line: string | null) => void }) {
  const [line, setLine] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSend(line);
    setLine('');
  };
  // A field of one line would join them. They are several answers, and all are sent, as a terminal
  // does.
  const paste = (event: ClipboardEvent<HTMLInputElement>) => {
    const text = event.clipboardData.getData('text/plain');
    if (!text.includes('\n')) return;
    event.preventDefault();
    const { selectionStart, selectionEnd, value } = event.currentTarget;
    onSend(value.slice(0, selectionStart ?? value.length) + text + value.slice(selectionEnd ?? value.length));
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
        onPaste={paste}
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
