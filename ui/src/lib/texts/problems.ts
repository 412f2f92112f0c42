/** What went wrong, and what to do. */
export const problems = {
  unknownSession: {
    title: 'This session does not exist',
    detail: 'The address may be mistyped, or the session was deleted a while ago.',
  },
  unknownInvite: {
    title: 'This invite does not work',
    detail:
      'It may be mistyped or have been replaced by a new one. Ask the person who sent it for a fresh link.',
  },
  needInvite: {
    title: 'You need an invite',
    detail: 'A session’s address alone opens nothing. Use the link that you were sent.',
  },
  expired: {
    title: 'This session is over',
    detail: 'It has expired or was deleted, and all of its content with it.',
  },
  removed: {
    title: 'You no longer have access',
    detail: 'Somebody who leads this session removed you from it, or your access was withdrawn.',
  },
  tooLarge: {
    title: 'The document is too large',
    detail:
      'The server refused the last change because the document has reached its limit. Copy what you need, then reload.',
  },
  malformed: {
    title: 'The server refused our data',
    detail: 'This should not happen. Reload the page to continue from what the server has stored.',
  },
  full: {
    title: 'This session is full',
    detail: 'As many people as it takes have joined already. Ask whoever leads it to remove somebody.',
  },
  busy: {
    title: 'Too many attempts',
    detail: 'The server asked us to slow down. Wait a moment, then try again.',
  },
  serverAway: {
    title: 'The server does not answer',
    detail: 'It may be restarting, or your network is down. We keep trying.',
  },
  unexpected: {
    title: 'Something went wrong',
    detail: 'The page met an error that it did not expect.',
  },
  notFound: { title: 'There is nothing here', detail: 'The address does not lead anywhere.' },
  home: 'Go to the start page',
  retry: 'Try again',
  reload: 'Reload',
  retryIn: (seconds: number) => `Next try in ${seconds} s`,
  retrying: 'Trying…',
} as const;
