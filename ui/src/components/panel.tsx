import type { ReactNode } from 'react';
import classes from './panel.module.css';

export interface PanelProps {
  title: string;
  /** Beside the title: what one can do. */
  actions?: ReactNode;
  /** Under everything: how it stands. */
  foot?: ReactNode;
  children: ReactNode;
}

/** Panel is one part of the column beside the editor. */
export function Panel({ title, actions, foot, children }: PanelProps) {
  return (
    <div className={classes.panel}>
      <header className={classes.head} data-bare={actions ? undefined : true}>
        <h2 className={classes.title}>{title}</h2>
        {actions}
      </header>
      <div className={classes.body}>{children}</div>
      {foot && <footer className={classes.foot}>{foot}</footer>}
    </div>
  );
}

/** Empty says in the middle of a panel that there is nothing yet, and what may come. */
export function Empty({ title, lead, children }: { title: string; lead: string; children?: ReactNode }) {
  return (
    <div className={classes.empty}>
      <h3 className={classes.emptyTitle}>{title}</h3>
      <p>{lead}</p>
      {children}
    </div>
  );
}

/** Read is a text that is read, and scrolled by keyboard too. */
export function Read({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className={classes.read} role="region" aria-label={label} tabIndex={0}>
      {children}
    </div>
  );
}
