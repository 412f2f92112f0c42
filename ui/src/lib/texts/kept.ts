/** What of an interview is kept, for those who decide it and for those whom it concerns. */
export const kept = {
  recordLabel: 'What is kept for a replay',
  records: {
    all: {
      label: 'Everything',
      hint: 'Every keystroke with its time, and who was where when.',
    },
    edits: { label: 'Edits only', hint: 'Every keystroke with its time. Not who looked where, or was away.' },
    nothing: { label: 'Nothing', hint: 'Only how things stand at the end. There is no replay.' },
  },
  replayLabel: 'Candidates may replay it too',
  replayHint: 'After the end, without marks and notes.',
  heading: 'What is kept',
  lines: {
    all: 'What is typed is kept key by key, with who was in which file and when.',
    edits: 'What is typed is kept key by key. Where you look is not.',
    nothing: 'Only the text as it stands is kept, not how it came about.',
  },
  until: (when: string) => `It is deleted for good ${when}.`,
  who: {
    interviewers: 'The interviewers can replay it, and whoever they give a link to.',
    all: 'Everybody who took part can replay it afterwards, and whoever the interviewers give a link to.',
    nobody: 'Nobody can replay it. Everybody in the session sees the text.',
  },
} as const;
