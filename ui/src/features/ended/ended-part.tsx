import { useId, type ReactNode } from 'react';
import classes from './ended-page.module.css';

export interface EndedPartProps {
  title: string;
  /** Shown when the part is empty. */
  empty?: string;
  /** Without a margin, for code. */
  flush?: boolean;
  children?: ReactNode;
}

/** EndedPart is one section of the page after the end. */
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
