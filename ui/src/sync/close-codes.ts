/**
 * Close codes of the relay that are final: 4400 to 4499, which mirror HTTP's 4xx. Every other code
 * means "try again".
 */
export const CLOSE = {
  malformed: 4400,
  unauthorized: 4401,
  removed: 4403,
  unknownSession: 4404,
  gone: 4410,
  tooLarge: 4413,
} as const;
