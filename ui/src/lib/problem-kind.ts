import { ApiError } from './api';
import type { TEXTS } from './texts';

/** The problems that have a page; the texts have an entry for each. */
export type ProblemKind = Exclude<
  {
    [K in keyof typeof TEXTS.problems]: (typeof TEXTS.problems)[K] extends { title: string } ? K : never;
  }[keyof typeof TEXTS.problems],
  never
>;

/**
 * problemOfError says which page an error of the API leads to; `asked` is what could be unknown.
 */
export function problemOfError(error: unknown, asked: 'session' | 'invite'): ProblemKind {
  if (!(error instanceof ApiError)) return 'unexpected';
  switch (error.status) {
    case 401:
    case 403:
      return asked === 'invite' ? 'unknownInvite' : 'removed';
    case 400:
    case 404:
    case 422:
      return asked === 'invite' ? 'unknownInvite' : 'unknownSession';
    case 409:
      return error.code === 'session_full' ? 'full' : 'unexpected';
    case 410:
      return 'expired';
    case 413:
      return 'tooLarge';
    case 429:
      return 'busy';
    default:
      return error.status === 0 || error.status >= 500 ? 'serverAway' : 'unexpected';
  }
}
