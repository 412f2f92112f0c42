import { useId } from 'react';
import { PERSON_COLORS } from '../lib/colors';
import { TEXTS } from '../lib/texts';
import classes from './color-choice.module.css';

/**
 * ColorChoice is a row of radio buttons that look like paint; "" leaves the choice to the server.
 */
export function ColorChoice({ value, onChange }: { value: string; onChange: (color: string) => void }) {
  const name = useId();
  return (
    <fieldset className={classes.group}>
      <legend className={classes.legend}>{TEXTS.lobby.colorLabel}</legend>
      <div className={classes.row}>
        <label className={`${classes.swatch} ${classes.automatic}`}>
          <input
            type="radio"
            name={name}
            className={classes.radio}
            checked={value === ''}
            aria-label={TEXTS.lobby.colorAutomatic}
            onChange={() => onChange('')}
          />
          <span aria-hidden="true">{TEXTS.lobby.colorAutomaticShort}</span>
        </label>
        {PERSON_COLORS.map((color, index) => (
          <label key={color} className={classes.swatch} style={{ background: color }}>
            <input
              type="radio"
              name={name}
              className={classes.radio}
              checked={value === color}
              aria-label={TEXTS.lobby.colorName(index)}
              onChange={() => onChange(color)}
            />
          </label>
        ))}
      </div>
    </fieldset>
  );
}
