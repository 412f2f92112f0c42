import { ChevronDown } from 'lucide-react';
import { languageLabel, type Language } from '../lib/languages';
import { TEXTS } from '../lib/texts';
import classes from './language-select.module.css';

export interface LanguageSelectProps {
  value: string;
  languages: readonly Language[];
  disabled: boolean;
  onChange: (language: string) => void;
}

/** LanguageSelect is the browser's own select: right by keyboard, by screen reader and on a phone. */
export function LanguageSelect({ value, languages, disabled, onChange }: LanguageSelectProps) {
  const unknown = !languages.some(({ id }) => id === value);
  return (
    <div className={classes.box}>
      <select
        className={classes.select}
        aria-label={TEXTS.room.language}
        title={disabled ? TEXTS.room.languageFixed : undefined}
        value={value}
        disabled={disabled}
        onChange={(event) => onChange(event.currentTarget.value)}
      >
        {unknown && <option value={value}>{languageLabel(value)}</option>}
        {languages.map(({ id, label }) => (
          <option key={id} value={id}>
            {label}
          </option>
        ))}
      </select>
      <ChevronDown size={14} className={classes.arrow} aria-hidden="true" />
    </div>
  );
}
