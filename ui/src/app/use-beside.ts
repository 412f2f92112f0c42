import { useMediaQuery } from '@mantine/hooks';
import { useCallback, useState } from 'react';

/** What can stand beside the editor. */
export type BesideTab = 'problem' | 'notes' | 'people';

/** Below this there is room for one thing at a time. */
export const WIDE = '(min-width: 820px)';
/** From this on the column beside the editor is open unless somebody closed it. */
const ROOMY = 1100;

const KEY = 'parley:beside';

/** Beside is the state of the column, and on a phone of the part that covers the editor. */
export interface Beside {
  wide: boolean;
  opened: boolean;
  tab: BesideTab;
  select: (tab: BesideTab) => void;
  close: () => void;
  toggle: () => void;
}

/** useBeside remembers on wide screens whether the column is open; a phone begins with the code. */
export function useBeside(): Beside {
  const wide = useMediaQuery(WIDE, true, { getInitialValueInEffect: false });
  const [tab, setTab] = useState<BesideTab>('problem');
  const [column, setColumn] = useState(rememberedColumn);
  const [sheet, setSheet] = useState(false);
  const opened = wide ? column : sheet;

  const setOpened = useCallback(
    (next: boolean) => {
      if (!wide) return setSheet(next);
      setColumn(next);
      remember(next);
    },
    [wide],
  );
  return {
    wide,
    opened,
    tab,
    select: (next) => {
      setTab(next);
      setOpened(true);
    },
    close: () => setOpened(false),
    toggle: () => setOpened(!opened),
  };
}

function rememberedColumn(): boolean {
  try {
    const kept = localStorage.getItem(KEY);
    if (kept) return kept === 'open';
  } catch {
    // Storage is forbidden: by the size of the window then.
  }
  return window.innerWidth >= ROOMY;
}

function remember(open: boolean): void {
  try {
    localStorage.setItem(KEY, open ? 'open' : 'closed');
  } catch {
    // Storage is forbidden: forgotten with the page.
  }
}
