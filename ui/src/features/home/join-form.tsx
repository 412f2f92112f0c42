import { Button, TextInput } from '@mantine/core';
import { useId, useState, type FormEvent } from 'react';
import { parsePasted } from '../../lib/invite-code';
import { home } from '../../lib/texts/home';
import classes from './home-page.module.css';

export interface JoinFormProps {
  onInvite: (code: string) => void;
  onSession: (id: string) => void;
}

/**
 * JoinForm takes an invite however it was pasted: link or code, any case, with or without hyphens.
 */
export function JoinForm({ onInvite, onSession }: JoinFormProps) {
  const [text, setText] = useState('');
  const [invalid, setInvalid] = useState(false);
  const heading = useId();

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const pasted = parsePasted(text);
    setInvalid(pasted === null);
    if (pasted?.kind === 'invite') onInvite(pasted.code);
    if (pasted?.kind === 'session') onSession(pasted.id);
  };

  return (
    <form className={classes.card} aria-labelledby={heading} onSubmit={submit} noValidate>
      <h2 id={heading} className={classes.cardTitle}>
        {home.joinHeading}
      </h2>
      <div className={classes.joinRow}>
        <TextInput
          aria-label={home.joinLabel}
          placeholder={home.joinPlaceholder}
          value={text}
          error={invalid ? home.joinInvalid : undefined}
          spellCheck={false}
          autoCapitalize="none"
          autoComplete="off"
          classNames={{ input: classes.code }}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setInvalid(false);
          }}
        />
        <Button type="submit" variant="default">
          {home.join}
        </Button>
      </div>
    </form>
  );
}
