/** The button of the call, in the room and in the lobby. */
export const call = { join: 'Join the call' } as const;
