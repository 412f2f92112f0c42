/** The way from the ended page to the replay, and sharing it. Loaded with that page. */
export const replayShare = {
  open: 'Replay the interview',
  share: 'Share the replay…',
  title: 'Share the replay',
  lead: 'Whoever has the link can replay this interview and change nothing. A new link ends the one before it.',
  expiryLabel: 'The link works for',
  expiries: { day: 'One day', week: 'One week', month: '30 days', session: 'As long as the session' },
  private: 'With the interviewers’ marks',
  make: 'Make a link',
  link: 'Replay link',
  until: (when: string) => `Works until ${when}.`,
  revoke: 'Take back the link',
  revoked: 'The link was taken back. It opens nothing any more.',
  close: 'Close',
} as const;
