import { CloudAlert, Sparkles } from 'lucide-react';
import type { ReactNode } from 'react';
import classes from './notice.module.css';
import { useFocusAfter } from './use-focus-after';

export interface NoticeProps {
  tone: 'warn' | 'info';
  text: string;
  /** What one can do about it. */
  children?: ReactNode;
}

/** Notice is a strip across the page for what everybody must know now; it is read out once. */
export function Notice({ tone, text, children }: NoticeProps) {
  const Icon = tone === 'warn' ? CloudAlert : Sparkles;
  const strip = useFocusAfter<HTMLDivElement>();
  return (
    <div ref={strip} className={classes.notice} data-tone={tone} role={tone === 'warn' ? 'alert' : 'status'}>
      <Icon size={16} aria-hidden="true" />
      <span className={classes.text}>{text}</span>
      {children}
    </div>
  );
}
