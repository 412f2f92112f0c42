/** The page of an archived interview. Loaded with it, so not part of TEXTS. */
export const archived = {
  badge: 'Archived',
  until: (when: string) => `Archived. Deleted for good on ${when}.`,
  forEver: 'Archived. Kept until somebody deletes it.',
  held: 'Archived and held. Not deleted while the hold lasts.',
  download: 'Download',
  openFailed: 'The archived interview did not open',
  nothing: 'Nothing was recorded for a replay. The download has the files as they stood at the end.',
  again: 'Try again',
} as const;
