/** What is shown before the room. */
export const lobby = {
  title: 'You are invited to an interview',
  lead: 'Tell the others who you are. No account, nothing to install.',
  openTitle: 'Join this session',
  nameLabel: 'Your name',
  namePlaceholder: 'Ada Lovelace',
  nameMissing: 'A name helps the others to know who is typing.',
  colorLabel: 'Your cursor colour',
  colorAutomatic: 'Automatic colour',
  colorAutomaticShort: 'Auto',
  colorName: (index: number) => `Colour ${index + 1}`,
  join: 'Join session',
  preview: 'How others see you',
} as const;
