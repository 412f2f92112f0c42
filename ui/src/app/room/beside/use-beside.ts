import { useMediaQuery } from '@mantine/hooks';
import { useCallback, useState } from 'react';

/** What can stand beside the editor. */
export type BesideTab = 'problem' | 'guide' | 'notes' | 'people';

/** Below this width the screen shows one part at a time. */
const WIDE = '(min-width: 820px)';
/** From this width on the column beside the editor is open by default. */
const ROOMY = '(min-width: 1100px)';

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
  const roomy = useMediaQuery(ROOMY, true, { getInitialValueInEffect: false });
  const [chosen, setChosen] = useState(rememberedChoice);
  const [sheet, setSheet] = useState(false);
  const opened = wide ? (chosen ?? roomy) : sheet;

  const setOpened = useCallback(
    (next: boolean) => {
      if (!wide) return setSheet(next);
      setChosen(next);
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

function rememberedChoice(): boolean | null {
  try {
    const kept = localStorage.getItem(KEY);
    return kept === null ? null : kept === 'open';
  } catch {
    return null; // Storage is forbidden.
  }
}

function remember(open: boolean): void {
  try {
    localStorage.setItem(KEY, open ? 'open' : 'closed');
  } catch {
    // The browser refuses storage, so the choice is forgotten with the page.
  }
}
