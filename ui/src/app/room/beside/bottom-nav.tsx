import { UnstyledButton } from '@mantine/core';
import { BookOpen, Code, Compass, Lock, Users } from 'lucide-react';
import type { ReactNode } from 'react';
import { TEXTS } from '../../../lib/texts';
import classes from './bottom-nav.module.css';
import type { Beside, BesideTab } from './use-beside';

export interface BottomNavProps {
  beside: Beside;
  /** Whether there are notes for this person. */
  notes: boolean;
  /** Whether there is a guide for this person. */
  guide: boolean;
  peopleCount: number;
}

const T = TEXTS.beside;

/** BottomNav leads on a phone from one part of the session to another. */
export function BottomNav({ beside, notes, guide, peopleCount }: BottomNavProps) {
  const item = (tab: BesideTab, icon: ReactNode, count?: number) => (
    <Item
      label={T.tabs[tab]}
      icon={icon}
      count={count}
      current={beside.opened && beside.tab === tab}
      onClick={() => beside.select(tab)}
    />
  );
  return (
    <nav className={classes.nav} aria-label={T.nav}>
      <Item label={T.tabs.code} icon={<Code size={19} />} current={!beside.opened} onClick={beside.close} />
      {item('problem', <BookOpen size={19} />)}
      {guide && item('guide', <Compass size={19} />)}
      {notes && item('notes', <Lock size={19} />)}
      {item('people', <Users size={19} />, peopleCount)}
    </nav>
  );
}

interface ItemProps {
  label: string;
  icon: ReactNode;
  count?: number;
  current: boolean;
  onClick: () => void;
}

function Item({ label, icon, count, current, onClick }: ItemProps) {
  return (
    <UnstyledButton className={classes.item} aria-current={current ? 'page' : undefined} onClick={onClick}>
      <span className={classes.icon} aria-hidden="true">
        {icon}
        {count !== undefined && count > 1 && <span className={classes.count}>{count}</span>}
      </span>
      {label}
    </UnstyledButton>
  );
}
