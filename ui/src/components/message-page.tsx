import type { ReactNode } from 'react';
import { useEffect, useRef } from 'react';
import { Logo } from './logo';
import classes from './message-page.module.css';

export interface MessagePageProps {
  icon: ReactNode;
  title: string;
  detail: string;
  children?: ReactNode;
}

/**
 * MessagePage is a whole page that says one thing and what to do next. Its heading takes the focus.
 */
export function MessagePage({ icon, title, detail, children }: MessagePageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), [title]);
  return (
    <div className={classes.page}>
      <header className={classes.header}>
        <Logo />
      </header>
      <main className={classes.main}>
        <div className={classes.icon} aria-hidden="true">
          {icon}
        </div>
        <h1 ref={heading} tabIndex={-1} className={classes.title}>
          {title}
        </h1>
        <p className={classes.detail}>{detail}</p>
        <div className={classes.actions}>{children}</div>
      </main>
    </div>
  );
}
