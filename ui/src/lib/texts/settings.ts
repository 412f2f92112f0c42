/** The button of what each person sets up for themselves. */
export const settings = { title: 'Settings' } as const;
