/** How it stands with the server. */
export const connection = {
  label: 'Connection',
  connecting: 'Connecting…',
  saved: 'Saved',
  saving: 'Saving…',
  savedHint: 'Everything is stored on the server.',
  savingHint: 'The server has not confirmed your last changes yet.',
  offline: 'Offline',
  offlineHint: 'You have no network. Keep typing: your changes are sent as soon as it is back.',
  reconnecting: 'Reconnecting…',
  reconnectingIn: (seconds: number) => `Reconnecting in ${seconds} s`,
  reconnectingHint:
    'The server does not answer. Keep typing: your changes are sent as soon as it is back. Click to try now.',
  keptHint: 'What is not saved yet is kept on this device, also if you close the page.',
  ended: 'Ended',
  retryNow: 'Retry now',
  keptWaiting:
    'Changes of yours that the server does not have yet are kept on this device. They are sent when it is back.',
  notKept: 'This browser cannot keep changes on this device. Leave the page open until everything is saved.',
  refused: {
    'read only':
      'The server did not take your last change: you may only read here. You see what everybody sees.',
    'too large':
      'The server did not take your last change: the document would be too large. You see what everybody sees.',
    'not taken':
      'The server did not take the last changes of this page. You see what everybody sees, and can go on.',
  },
  refusedWords: {
    'read only':
      'The server did not take what you wrote last: you may only read here. The page shows what everybody sees; your words are kept here until you dismiss them.',
    'too large':
      'The server did not take what you wrote last: the document would be too large. The page shows what everybody sees; your words are kept here until you dismiss them.',
    'not taken':
      'The server did not take what you wrote last. The page shows what everybody sees, and you can go on; your words are kept here until you dismiss them.',
  },
  refusedLabel: 'What was not taken',
  refusedShow: 'Show them',
  refusedHide: 'Hide them',
  refusedCopy: 'Copy them',
  refusedCopied: 'Copied',
  refusedDismiss: 'Dismiss',
  lostWords: 'The server does not have these last words of yours.',
  update: 'A new version of Parley is ready.',
  updateNow: 'Reload now',
  updateLater: 'Later',
} as const;
