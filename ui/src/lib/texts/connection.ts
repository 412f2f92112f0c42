/** How it stands with the server. */
export const connection = {
  label: 'Connection',
  connecting: 'Connecting…',
  saved: 'Saved',
  saving: 'Saving…',
  offlineIn: (seconds: number) => `Offline, retrying in ${seconds} s`,
  reconnecting: 'Reconnecting…',
  offlineHint: 'You can keep typing. Your changes are sent as soon as the server is back.',
  savedHint: 'Everything is stored on the server.',
  savingHint: 'The server has not confirmed your last changes yet.',
  ended: 'Ended',
  retryNow: 'Retry now',
} as const;
