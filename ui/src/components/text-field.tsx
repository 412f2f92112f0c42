import { useEffect, useRef } from 'react';
import classes from './text-field.module.css';

export interface TextFieldProps {
  label: string;
  placeholder: string;
  readOnly?: boolean;
  autoFocus?: boolean;
  /** Binds the field to a shared text until the returned function is called. */
  bind: (field: HTMLTextAreaElement) => () => void;
}

/**
 * TextField is a plain field for a long text that others may write in too. Its text never passes
 * through React.
 */
export function TextField({ label, placeholder, readOnly, autoFocus, bind }: TextFieldProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => (field.current ? bind(field.current) : undefined), [bind]);
  useEffect(() => {
    if (autoFocus) field.current?.focus();
  }, [autoFocus]);
  return (
    <textarea
      ref={field}
      className={classes.field}
      aria-label={label}
      placeholder={placeholder}
      readOnly={readOnly}
      spellCheck={false}
    />
  );
}
