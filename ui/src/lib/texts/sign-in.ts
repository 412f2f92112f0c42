/** Signing in, which interviewers alone do. */
export const signIn = {
  heading: 'For interviewers',
  lead: 'Sign in to start a session. Candidates need no account: their link is enough.',
  button: 'Sign in',
  again: 'You are no longer signed in. Sign in, come back to this page and create it then.',
  leadTitle: 'Sign in to join as interviewer',
  leadDetail: 'This link leads into the interview as an interviewer. After signing in you come back here.',
  menu: (name: string) => `Signed in as ${name}`,
  admin: 'Administrator',
  signOut: 'Sign out',
  signOutEverywhere: 'Sign out everywhere',
  failed: 'Signing out did not work. Try again.',
} as const;
