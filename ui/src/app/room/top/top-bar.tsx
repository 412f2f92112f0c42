import type { ReactNode } from 'react';
import { Logo } from '../../../components/logo';
import classes from './top-bar.module.css';

export interface TopBarProps {
  title: string;
  /** Beside the logo. */
  start?: ReactNode;
  /** What one does here. */
  middle: ReactNode;
  /** How it stands, who is here. */
  end: ReactNode;
}

/** TopBar shows the title, and has places for controls in the middle and for state at the end. */
export function TopBar({ title, start, middle, end }: TopBarProps) {
  return (
    <header className={classes.bar}>
      <div className={classes.start}>
        <Logo compact />
        {start}
        <h1 className={classes.title} title={title}>
          {title}
        </h1>
      </div>
      <div className={classes.middle}>{middle}</div>
      <div className={classes.end}>{end}</div>
    </header>
  );
}
