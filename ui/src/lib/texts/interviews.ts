/** The page of a person's interviews. Loaded with it, so not part of TEXTS. */
export const interviews = {
  title: 'My interviews',
  lead: {
    signedIn: 'What you own, what you led, and what is shared with your group.',
    browser: 'What this browser has the keys to. In another browser you see other interviews.',
  },
  newSession: 'New session',
  unclaimed: (count: number) =>
    count === 1
      ? 'This browser leads an interview that is not in your list.'
      : `This browser leads ${count} interviews that are not in your list.`,
  claim: 'Add to my list',
  claimed: (count: number) => (count === 1 ? 'One interview is added.' : `${count} interviews are added.`),
  claimFailed: (count: number, why: string) =>
    `${count === 1 ? 'One interview was' : `${count} interviews were`} not added: ${why}`,
  searchLabel: 'Search by title, question, person or id',
  filters: 'Show',
  filter: {
    all: 'All',
    live: 'Live',
    prepared: 'Prepared',
    ended: 'Ended',
    archived: 'Archived',
  },
  states: { live: 'Live', prepared: 'Not started', ended: 'Ended', archived: 'Archived' },
  open: 'Open',
  replay: 'Replay',
  openOf: (title: string) => `Open ${title}`,
  replayOf: (title: string) => `Replay ${title}`,
  actionsOf: (title: string) => `More for ${title}`,
  download: 'Download',
  hold: 'Hold',
  release: 'Hold no longer',
  share: (group: string) => `Share with ${group}`,
  unshare: (group: string) => `Share with ${group} no longer`,
  shared: (title: string, group: string) => `“${title}” is shared with ${group}.`,
  unshared: (title: string) => `“${title}” is shared no longer.`,
  forget: 'Forget a person…',
  forgetTitle: (title: string) => `Forget a person in “${title}”`,
  forgetLead:
    'The person gets a neutral name in the archived interview, and their addresses are removed. What people wrote into files, notes and marks stays. The room of the interview closes for everybody; its replay stays. Nothing brings the name back.',
  forgetWho: 'Whom to forget',
  loadingPeople: 'Looking who was there',
  forgetConfirm: 'Forget for good',
  forgotten: (name: string, title: string) => `${name} is forgotten in “${title}”.`,
  remove: 'Delete…',
  confirmTitle: (title: string) => `Delete “${title}”?`,
  confirmLead: {
    live: 'Everybody is put out of the room now. Code, notes, runs and the replay are deleted for good. Nothing brings them back.',
    ended:
      'Code, notes, runs and the replay are deleted for good, in the archive too. Nothing brings them back.',
  },
  confirm: 'Delete for good',
  deleted: (title: string) => `“${title}” is deleted.`,
  proof: (id: string, when: string) =>
    `Interview ${id}, ${when} UTC. The log of the service proves it: who, when and what.`,
  held: (title: string) => `“${title}” is held. It is not deleted while the hold lasts.`,
  released: (title: string) => `“${title}” is held no longer.`,
  failed: (what: string) => `That did not work: ${what}`,
  until: (when: string) => `Deleted on ${when}`,
  heldUntil: 'Held, not deleted',
  forEver: 'Kept until you delete it',
  team: (team: string) => `Shared with ${team}`,
  more: 'Show more',
  again: 'Try again',
  loadFailed: 'Your interviews did not load.',
  loading: 'Looking for your interviews',
  count: (count: number, more: boolean) =>
    `${count}${more ? ' or more' : ''} ${count === 1 && !more ? 'interview' : 'interviews'}`,
  empty: {
    all: {
      title: 'No interviews yet',
      detail: 'Create a session on the start page. It is listed here from then on.',
    },
    live: {
      title: 'Nothing is live',
      detail: 'Here is what runs now: sessions that have started and not ended.',
    },
    prepared: {
      title: 'Nothing is prepared',
      detail: 'Create a session where others come in when you start it. It waits here until then.',
    },
    ended: { title: 'Nothing has ended lately', detail: 'An ended session stays here until it expires.' },
    archived: {
      title: 'The archive has nothing of yours',
      detail: 'An interview goes there when it has ended, if this service has an archive.',
    },
    search: {
      title: 'Nothing found',
      detail: 'Each word must be in the title, the question, a name or the id.',
    },
  },
  searchAll: 'Search in all',
} as const;
