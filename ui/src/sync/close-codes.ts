/** Close codes of the relay that are final; every other code means "try again". */
export const CLOSE = {
  malformed: 4400,
  unauthorized: 4401,
  removed: 4403,
  unknownSession: 4404,
  gone: 4410,
  tooLarge: 4413,
} as const;

/** isFinal follows the convention of y-websocket: 4400–4499 mirror HTTP's 4xx. */
export function isFinal(code: number): boolean {
  return code >= 4400 && code < 4500;
}
