import { ActionIcon, Tabs } from '@mantine/core';
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { TEXTS } from '../../../lib/texts';
import classes from './beside-panel.module.css';
import type { Beside, BesideTab } from './use-beside';

export interface BesidePanelProps {
  beside: Beside;
  /** What there is for this person; notes are for interviewers. */
  parts: Partial<Record<BesideTab, ReactNode>>;
}

const ORDER: readonly BesideTab[] = ['problem', 'guide', 'notes', 'people'];

/** BesidePanel is the column beside the editor, and on a phone the sheet over it. */
export function BesidePanel({ beside, parts }: BesidePanelProps) {
  const tabs = ORDER.filter((tab) => parts[tab]);
  const tab = parts[beside.tab] ? beside.tab : 'problem';
  if (!beside.wide) {
    return (
      <aside className={classes.panel} aria-label={TEXTS.beside.label}>
        {parts[tab]}
      </aside>
    );
  }
  return (
    <aside className={classes.panel} aria-label={TEXTS.beside.label}>
      <Tabs
        className={classes.tabs}
        value={tab}
        keepMounted={false}
        onChange={(next) => next && beside.select(next as BesideTab)}
      >
        <div className={classes.bar}>
          <Tabs.List aria-label={TEXTS.beside.label} className={classes.list}>
            {tabs.map((one) => (
              <Tabs.Tab key={one} value={one} className={classes.tab}>
                {TEXTS.beside.tabs[one]}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          <ActionIcon variant="subtle" color="gray" aria-label={TEXTS.beside.hide} onClick={beside.close}>
            <X size={15} />
          </ActionIcon>
        </div>
        {tabs.map((one) => (
          <Tabs.Panel key={one} value={one} className={classes.part}>
            {parts[one]}
          </Tabs.Panel>
        ))}
      </Tabs>
    </aside>
  );
}
