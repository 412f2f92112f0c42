/** Marks and quiet time during the interview. Loaded when they are used. */
export const quiet = {
  markTitle: 'Mark this moment',
  markLead: 'For the replay. Interviewers alone see it.',
  markLabel: 'A word on it, if you like',
  markSave: 'Set the mark',
  markDone: 'Marked',
  close: 'Close',
  own: 'Quiet time: others do not see what you type until it is over.',
  others: 'Quiet time: what the candidate types appears here when it is over.',
  end: 'End now',
  failed: (title: string) => `That did not work: ${title}`,
} as const;
