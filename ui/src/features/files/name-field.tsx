import { useEffect, useId, useRef, useState } from 'react';
import { MAX_FILE_NAME, extensionOf, faultInName } from '../../lib/file-names';
import { TEXTS } from '../../lib/texts';
import classes from './file-bar.module.css';

export interface NameFieldProps {
  initial: string;
  /** Names of the other files. */
  others: readonly string[];
  onDone: (name: string) => void;
  onCancel: () => void;
}

/**
 * NameField asks for the name of a file, in the place of its tab. Enter takes it, Escape and
 * leaving do not.
 */
export function NameField({ initial, others, onDone, onCancel }: NameFieldProps) {
  const field = useRef<HTMLInputElement>(null);
  const hint = useId();
  const [name, setName] = useState(initial);
  const [tried, setTried] = useState(false);
  const fault = faultInName(name, others);
  const shown = fault && (tried || (fault !== 'empty' && name !== initial)) ? fault : null;

  useEffect(() => {
    const input = field.current;
    input?.focus();
    const extension = extensionOf(initial);
    input?.setSelectionRange(0, initial.length - (extension ? extension.length + 1 : 0));
  }, [initial]);

  const submit = () => {
    if (fault) setTried(true);
    else onDone(name.trim());
  };
  return (
    <form
      className={classes.nameForm}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <input
        ref={field}
        className={classes.nameInput}
        aria-label={TEXTS.files.nameLabel}
        aria-invalid={shown !== null}
        aria-describedby={shown ? hint : undefined}
        placeholder={TEXTS.files.namePlaceholder}
        maxLength={MAX_FILE_NAME + 20}
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        value={name}
        size={Math.max(10, Math.min(30, name.length + 1))}
        onChange={(event) => setName(event.currentTarget.value)}
        onKeyDown={(event) => event.key === 'Escape' && onCancel()}
        onBlur={onCancel}
      />
      {shown && (
        <span id={hint} role="alert" className={classes.fault}>
          {TEXTS.files.faults[shown]}
        </span>
      )}
    </form>
  );
}
