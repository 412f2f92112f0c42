import type { Api } from '../../lib/api';
import type { QuestionSummary } from '../../lib/questions-api';

/** How people other than interviewers get in. */
export type Entry = 'now' | 'start' | 'ask';

/** What a session begins with. A question that a link asks for has an id alone at first. */
export type Beginning =
  | { kind: 'nothing' }
  | { kind: 'own'; code: string }
  | { kind: 'question'; id: string; summary: QuestionSummary | null };

/** What of the session is kept for a replay. */
export type Kept = 'all' | 'edits' | 'nothing';

/** Draft is the form of a new session. */
export interface Draft {
  title: string;
  name: string;
  language: string;
  problem: Beginning;
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
  const { problem } = draft;
  return {
    title: draft.title.trim() || undefined,
    language: draft.language,
    code: (problem.kind === 'own' && problem.code) || undefined,
    question: problem.kind === 'question' ? problem.id : undefined,
    start: draft.entry === 'now' ? 'now' : 'lobby',
    admission: draft.entry === 'ask' ? 'ask' : 'open',
    record: draft.record,
    replay: draft.replayForAll && draft.record !== 'nothing' ? 'all' : 'interviewers',
    call_url: draft.callUrl.trim() || undefined,
    external_id: draft.externalId || undefined,
    creator: { name, color: color || undefined },
  };
}
