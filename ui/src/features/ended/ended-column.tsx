import type { ReactNode } from 'react';
import classes from './ended-page.module.css';

/** EndedColumn stacks parts. */
export function EndedColumn({ children }: { children: ReactNode }) {
  return <div className={classes.column}>{children}</div>;
}
