/** Leading a session, and what is left of one that has ended. */
export const session = {
  menu: 'Session',
  rename: 'Rename…',
  renameTitle: 'Rename the session',
  renameLabel: 'Title',
  renameSave: 'Save',
  download: 'Download everything',
  downloadFailed: 'The download failed. Try again.',
  mark: 'Mark this moment',
  markKeys: 'Ctrl+Alt+M',
  quiet: 'Five quiet minutes',
  leave: 'Leave the room',
  end: 'End interview…',
  endTitle: 'End the interview?',
  endLead:
    'Code, problem and output can be read until the session expires, but nobody can change them any more. This cannot be taken back.',
  endConfirm: 'End interview',
  cancel: 'Cancel',
  close: 'Close',
  failed: (title: string) => `That did not work: ${title}`,
  notDone: 'That did not work',
  preparing: 'Not started yet. Only interviewers are in this room.',
  waiting: (count: number) =>
    count === 1 ? '1 person waits in the lobby' : `${count} people wait in the lobby`,
  nobodyWaits: 'Nobody waits in the lobby yet.',
  start: 'Start interview',
  startHint: (count: number) =>
    count === 0 ? 'Opens the room to everybody with a link' : 'Lets in everybody who waits',
  admit: 'Let in',
  admitOf: (name: string) => `Let in ${name}`,
  refuse: 'Turn away',
  refuseOf: (name: string) => `Turn away ${name}`,
  refuseTitle: (name: string) => `Turn ${name} away?`,
  refuseLead:
    'They are told that they have no access. By the same link they come no further than to the lobby.',
  refuseConfirm: 'Turn away',
  lobby: 'Lobby',
  gone: 'closed the page',
  ended: {
    status: 'Interview ended',
    title: 'That was it.',
    leadCandidate: 'Thank you for your time. You can read what was written until this session expires.',
    leadInterviewer: 'Code, problem and your notes stay readable until this session expires.',
    duration: 'Duration',
    durationOf: (ms: number) => duration(ms),
    people: 'People',
    runs: 'Runs',
    runsOf: (count: number, more: boolean) => (more ? `${count} or more` : String(count)),
    runsNone: 'None',
    expires: (when: string) => `Deleted for good ${when}`,
    download: 'Download everything',
    downloadHint: 'A zip with files, problem, runs and transcript.',
    code: 'Code',
    files: 'Files',
    problem: 'Problem',
    noProblem: 'There was no problem statement.',
    notes: 'Private notes',
    noNotes: 'No notes were taken.',
    emptyFile: 'This file is empty.',
    output: 'Last output',
  },
} as const;

function duration(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 1) return 'Under a minute';
  if (minutes < 60) return `${minutes} min`;
  const rest = minutes % 60;
  return rest === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${rest} min`;
}
