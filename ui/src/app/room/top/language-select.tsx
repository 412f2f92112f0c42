import { ChevronDown } from 'lucide-react';
import { EDITABLE, LANGUAGES, RUNNABLE, languageLabel } from '../../../lib/languages';
import { TEXTS } from '../../../lib/texts';
import classes from './language-select.module.css';

export interface LanguageSelectProps {
  value: string;
  disabled: boolean;
  onChange: (language: string) => void;
}

/**
 * LanguageSelect is the browser's own select, which works with keyboard, screen reader and phone.
 */
export function LanguageSelect({ value, disabled, onChange }: LanguageSelectProps) {
  const unknown = !LANGUAGES.some(({ id }) => id === value);
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
        {[
          { label: TEXTS.room.runnable, languages: RUNNABLE },
          { label: TEXTS.room.editable, languages: EDITABLE },
        ].map(({ label, languages }) => (
          <optgroup key={label} label={label}>
            {languages.map((language) => (
              <option key={language.id} value={language.id}>
                {language.label}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
      <ChevronDown size={14} className={classes.arrow} aria-hidden="true" />
    </div>
  );
}
