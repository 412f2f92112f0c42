import { createTheme, type MantineColorsTuple } from '@mantine/core';

const iris: MantineColorsTuple = [
  '#eef0ff',
  '#dce0ff',
  '#bcc4ff',
  '#9aa6ff',
  '#8391ff',
  '#7080fc',
  '#5b6cf2',
  '#5060e0',
  '#3d4bb4',
  '#323d8f',
];

/** Slightly blue greys; 7 is the page, 6 a raised surface, 4 a border, 0 the text. */
const dark: MantineColorsTuple = [
  '#e6e8ee',
  '#b4bac8',
  '#8d94a5',
  '#596072',
  '#2a2f3b',
  '#1f232d',
  '#14171e',
  '#0b0c10',
  '#08090c',
  '#050609',
];

const FONT =
  '-apple-system, BlinkMacSystemFont, "Segoe UI", Roboto, "Noto Sans", Ubuntu, Cantarell, "Liberation Sans", Arial, sans-serif';
const MONOSPACE = 'ui-monospace, "SF Mono", SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace';

export const theme = createTheme({
  primaryColor: 'iris',
  primaryShade: { light: 7, dark: 7 },
  colors: { iris, dark },
  fontFamily: FONT,
  fontFamilyMonospace: MONOSPACE,
  headings: { fontFamily: FONT, fontWeight: '650' },
  defaultRadius: 'md',
  focusRing: 'auto',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    InputWrapper: {
      styles: {
        label: { fontSize: 13, fontWeight: 550, marginBottom: 5 },
        description: { color: 'var(--text-dim)' },
      },
    },
  },
});
