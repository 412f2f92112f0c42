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
      // The style sheet draws the initials. As text they would become part of the name of a button
      // around them.
      data-initials={initials(name)}
      aria-hidden="true"
    />
  );
}
