/** The start page. */
export const home = {
  title: 'Code together, calmly.',
  lead: 'A shared editor for coding interviews. Both of you type, run and see the same thing, and nothing leaves your server.',
  points: [
    'No account for the candidate: a link and a name',
    'JavaScript and Python run in the browser, sandboxed',
    'Everything is deleted when the session expires',
  ],
  createHeading: 'New session',
  titleLabel: 'Title',
  titlePlaceholder: 'Backend interview, round 2',
  languageLabel: 'Language',
  nameLabel: 'Your name',
  create: 'Create session',
  joinHeading: 'Join with an invite',
  joinLabel: 'Invite link or code',
  joinPlaceholder: 'xxxx-xxxx-xxxx',
  join: 'Join',
  joinInvalid: 'That is not an invite. It looks like 7k3d-9xwq-m2va, or is a link that ends in one.',
  recentHeading: 'Recent on this device',
  recentForget: (title: string) => `Forget ${title}`,
  untitled: 'Untitled session',
} as const;
