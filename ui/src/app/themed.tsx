import { MantineProvider } from '@mantine/core';
import { useLayoutEffect, type ReactNode } from 'react';
import { useTheme } from '../lib/use-theme';
import { theme as look } from './theme';

/** Themed draws all of the page in the theme of this person. base.css has its colours. */
export function Themed({ children }: { children: ReactNode }) {
  const theme = useTheme();
  useLayoutEffect(() => {
    document.documentElement.dataset.theme = theme;
    const bar = getComputedStyle(document.documentElement).getPropertyValue('--bg').trim();
    document.querySelector('meta[name="theme-color"]')?.setAttribute('content', bar || '#0b0c10');
  }, [theme]);
  return (
    <MantineProvider theme={look} forceColorScheme={theme === 'light' ? 'light' : 'dark'}>
      {children}
    </MantineProvider>
  );
}
