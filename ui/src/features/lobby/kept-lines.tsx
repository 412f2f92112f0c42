import { useId } from 'react';
import type { Invitation } from '../../lib/api';
import { kept } from '../../lib/texts/kept';
import classes from './lobby-page.module.css';

/** KeptLines say before joining what is kept, for how long, and who can see it. */
export function KeptLines({
  record,
  replay,
  expires_at: expiresAt,
  archive,
  archive_seconds: seconds,
}: Pick<Invitation, 'record' | 'replay' | 'expires_at' | 'archive' | 'archive_seconds'>) {
  const heading = useId();
  const expires = Date.parse(expiresAt);
  return (
    <section className={classes.kept} aria-labelledby={heading}>
      <h2 id={heading} className={classes.keptHeading}>
        {kept.heading}
      </h2>
      <ul className={classes.keptLines}>
        <li>{kept.lines[record]}</li>
        {archive ? (
          <li>{kept.archived(seconds)}</li>
        ) : (
          !Number.isNaN(expires) && <li>{kept.until(whenText(expires))}</li>
        )}
        <li>{kept.who[record === 'nothing' ? 'nobody' : replay]}</li>
      </ul>
    </section>
  );
}

function whenText(time: number): string {
  return new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' }).format(time);
}
