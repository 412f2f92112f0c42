import { useSyncExternalStore } from 'react';
import { preferences, type Preferences, type Theme, type ThemeChoice } from './preferences';
import type { Readable } from './readable';
import { useReadable } from './use-readable';

const LIGHT = '(prefers-color-scheme: light)';
const CONTRAST = '(prefers-contrast: more)';

/** themeOf settles a choice with what the system asks for. */
export function themeOf(choice: ThemeChoice, matches: (query: string) => boolean): Theme {
  if (choice !== 'system') return choice;
  if (matches(CONTRAST)) return 'contrast';
  return matches(LIGHT) ? 'light' : 'dark';
}

const asked = (query: string): boolean => window.matchMedia(query).matches;

function subscribe(listener: () => void): () => void {
  const queries = [LIGHT, CONTRAST].map((query) => window.matchMedia(query));
  for (const query of queries) query.addEventListener('change', listener);
  return () => {
    for (const query of queries) query.removeEventListener('change', listener);
  };
}

/**
 * useTheme gives the theme to draw with, and follows the system where the person leaves it to that.
 */
export function useTheme(store: Readable<Preferences> = preferences): Theme {
  const choice = useReadable(store).theme;
  return useSyncExternalStore(subscribe, () => themeOf(choice, asked));
}
