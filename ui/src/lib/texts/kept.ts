/** lastingText is a time in the largest unit that it is a whole number of. */
function lastingText(seconds: number): string {
  const [unit, length] = (
    [
      ['day', 86_400],
      ['hour', 3_600],
      ['minute', 60],
      ['second', 1],
    ] as const
  ).find(([, size]) => seconds >= size && seconds % size === 0) ?? ['second', 1];
  const count = Math.round(seconds / length);
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

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
  /** 0 seconds: for ever. */
  archived: (seconds: number) =>
    seconds > 0
      ? `It is archived at the end and deleted for good ${lastingText(seconds)} later. The interviewers can change that.`
      : 'It is archived at the end, until an interviewer deletes it.',
  home: (archive: boolean, seconds: number, live: number) =>
    !archive
      ? `Deleted for good ${lastingText(live)} after its creation.`
      : seconds > 0
        ? `Archived at the end, deleted for good ${lastingText(seconds)} later.`
        : 'Archived at the end, until somebody deletes it.',
  until: (when: string) => `It is deleted for good ${when}.`,
  who: {
    interviewers: 'The interviewers can replay it, and whoever they give a link to.',
    all: 'Everybody who took part can replay it afterwards, and whoever the interviewers give a link to.',
    nobody: 'Nobody can replay it. Everybody in the session sees the text.',
  },
} as const;
