import type { ReactNode } from 'react';
import classes from './ended-page.module.css';

/** EndedColumn stacks parts; a wide one stands under the others. */
export function EndedColumn({ wide, children }: { wide?: boolean; children: ReactNode }) {
  return (
    <div className={classes.column} data-wide={wide}>
      {children}
    </div>
  );
}
