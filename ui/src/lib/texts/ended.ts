/** What is left of a session that has ended. */
export const ended = {
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
} as const;

function duration(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 1) return 'Under a minute';
  if (minutes < 60) return `${minutes} min`;
  const rest = minutes % 60;
  return rest === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${rest} min`;
}
