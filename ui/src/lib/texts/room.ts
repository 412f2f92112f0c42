/** The room as a whole. */
export const room = {
  language: 'Language',
  languageFixed: 'You are watching; the others choose the language',
  share: 'Share',
  editor: 'Code editor',
  editorLoading: 'Loading the editor…',
  editorPlaceholder: 'Start typing. Everybody in this session sees it at once.',
  position: (line: number, column: number) => `Ln ${line}, Col ${column}`,
  readOnly: 'You can read along but not type in this session.',
  sideSeparator: 'Resize the side panel',
  layoutSeparator: 'Resize editor and output',
  mainArea: 'Session',
  statusBar: 'Status',
  runsHere: (language: string) => `${language} runs in your browser`,
  runnable: 'Run in the browser',
  editable: 'Can be edited, not run',
  cannotRun: (language: string) => `${language} cannot be run here`,
} as const;
