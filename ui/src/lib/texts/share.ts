/** Inviting people. */
export const share = {
  title: 'Invite people',
  lead: 'One link per role. Whoever opens it joins with that role.',
  openLead: 'This server is open: whoever has the address can read and write.',
  openLink: 'Session link',
  renewLead:
    'Links are shown once, in the browser that made them. Make a new one here; the one before it stops working.',
  code: 'QR code',
  codeOf: (what: string) => `QR code of the ${what.toLowerCase()}`,
  renew: 'New link',
  renewOf: (what: string) => `New link: ${what.toLowerCase()}`,
  renewWarning: (what: string) =>
    `Whoever still holds the old ${what.toLowerCase()} cannot join with it any more. Those who have joined stay.`,
  renewConfirm: 'Replace the old link',
  renewCancel: 'Cancel',
  roles: {
    candidate: { label: 'Candidate link', hint: 'Types and runs code' },
    interviewer: { label: 'Interviewer link', hint: 'Types, runs, and leads the session' },
    observer: { label: 'Observer link', hint: 'Watches, cannot type' },
  },
  copy: (what: string) => `Copy ${what.toLowerCase()}`,
  copied: 'Copied',
  copyFailed: 'Copy failed: select the text and copy it yourself',
} as const;
