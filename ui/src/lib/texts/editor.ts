/** The editor itself. */
export const editor = {
  label: (file: string) => `Code editor, ${file}. Press Control M to let Tab leave the editor.`,
  format: 'Format',
  formatHint: 'Format this file (Shift+Alt+F)',
  formatMissing: (language: string) => `There is no formatter for ${language} here`,
  following: (name: string) => `Following ${name}`,
  followingStop: 'Stop following (Escape)',
  follow: (name: string) => `Follow ${name}`,
  jump: (name: string) => `Go to where ${name} is`,
} as const;
