import { clockText } from '../format-time';

/** Marks and quiet time during the interview. Loaded when they are used. */
export const quiet = {
  markTitle: 'Mark this moment',
  markLead: 'For the replay. Interviewers alone see it.',
  markLabel: 'A word on it, if you like',
  markSave: 'Set the mark',
  markDone: 'Marked',
  close: 'Close',
  own: (left: number) => `Quiet time: others see your code again in ${clockText(left)}`,
  others: (until: string) => `Quiet time until ${until}: the code catches up after`,
  end: 'End now',
  failed: (title: string) => `That did not work: ${title}`,
} as const;
