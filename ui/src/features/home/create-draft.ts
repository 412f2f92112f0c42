import type { Api } from '../../lib/api';
import { templateById } from './templates';

/** How people other than interviewers get in. */
export type Entry = 'now' | 'start' | 'ask';

/** NO_TEMPLATE and OWN_CODE stand beside the templates' ids in the choice of a problem. */
export const NO_TEMPLATE = '';
export const OWN_CODE = 'own';

/** What of the session is kept for a replay. */
export type Kept = 'all' | 'edits' | 'nothing';

/** Draft is the form of a new session. */
export interface Draft {
  title: string;
  name: string;
  language: string;
  /** A template's id, NO_TEMPLATE or OWN_CODE. */
  problem: string;
  ownCode: string;
  entry: Entry;
  record: Kept;
  /** Whether candidates may replay the interview too. */
  replayForAll: boolean;
  callUrl: string;
  /** The id of another service, from a link to this form. */
  externalId: string;
}

type Body = Parameters<Api['createSession']>[0];

/** bodyOf gives the body of the request. Name and colour are clean already. */
export function bodyOf(draft: Draft, name: string, color: string): Body {
  const template = templateById(draft.problem);
  const code = draft.problem === OWN_CODE ? draft.ownCode : template?.starters[draft.language];
  return {
    title: draft.title.trim() || template?.title || undefined,
    language: draft.language,
    code: code || undefined,
    prompt: template?.prompt,
    start: draft.entry === 'now' ? 'now' : 'lobby',
    admission: draft.entry === 'ask' ? 'ask' : 'open',
    record: draft.record,
    replay: draft.replayForAll && draft.record !== 'nothing' ? 'all' : 'interviewers',
    call_url: draft.callUrl.trim() || undefined,
    external_id: draft.externalId || undefined,
    creator: { name, color: color || undefined },
  };
}
