import { inkOn } from '../lib/colors';
import { initials } from '../lib/person-name';
import classes from './avatar.module.css';

/** Avatar is a coloured disc with initials. It is decoration: whoever uses it says the name. */
export function Avatar({ name, color, size = 26 }: { name: string; color: string; size?: number }) {
  const style = { background: color, color: inkOn(color), width: size, height: size, fontSize: size * 0.4 };
  return (
    <span
      className={classes.avatar}
      style={style}
      // Drawn by the style sheet: as a text they would be a part of what a button around them says.
      data-initials={initials(name)}
      aria-hidden="true"
    />
  );
}
