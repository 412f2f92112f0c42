/** A create form that a link has filled. */
export const prefilled = {
  lead: 'A link has filled this form. Nothing is created until you press the button.',
  externalId: (id: string) => `For ${id}`,
  unknown: {
    title: () => '',
    language: (value: string) => `The link asks for the language “${value}”, which is not offered here.`,
    question: (value: string) => `The link asks for the problem “${value}”, which is not offered here.`,
    external_id: () => 'The link has an id that is too long or not readable. It was left out.',
    call_url: () => 'The link has a call link that is not a link of the web. It was left out.',
  },
} as const;
