import { useId, type ReactNode } from 'react';
import classes from './ended-page.module.css';

export interface EndedPartProps {
  title: string;
  /** Said in place of what is not there. */
  empty?: string;
  /** Fills its place without a margin, as code does. */
  flush?: boolean;
  children?: ReactNode;
}

/** EndedPart is one thing that is left of an interview. */
export function EndedPart({ title, empty, flush, children }: EndedPartProps) {
  const heading = useId();
  return (
    <section className={classes.part}>
      <h2 id={heading} className={classes.partTitle}>
        {title}
      </h2>
      <div
        className={classes.partBody}
        data-flush={flush}
        // What scrolls can be scrolled by keyboard.
        {...(!flush && { role: 'region', 'aria-labelledby': heading, tabIndex: 0 })}
      >
        {empty ? <p className={classes.empty}>{empty}</p> : children}
      </div>
    </section>
  );
}
