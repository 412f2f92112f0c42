import type { Activity } from '../../sync/activity';
import classes from './presence-dot.module.css';

/**
 * PresenceDot shows by shape and colour how present somebody is. It is decoration: words say it
 * too.
 */
export function PresenceDot({ activity }: { activity: Activity }) {
  return <span className={classes.dot} data-activity={activity} aria-hidden="true" />;
}
