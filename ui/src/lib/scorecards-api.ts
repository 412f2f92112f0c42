import { createSend } from './api';
import type { components } from './api-types.gen';

type Schemas = components['schemas'];

/** Everything that this person may see of what interviewers wrote about a session. */
export type Scorecards = Schemas['Scorecards'];
export type Scorecard = Schemas['Scorecard'];
export type ScorecardText = Omit<Schemas['WriteScorecard'], 'version' | '$schema'>;
export type Rating = Schemas['Rating'];
export type Criterion = Schemas['Criterion'];
export type Assessor = Schemas['Assessor'];
export type MomentComment = Schemas['MomentComment'];

interface Place {
  id: string;
  token: string;
}

const send = createSend();
const CARDS = '/api/v1/sessions/{id}/scorecards';
const MINE = `${CARDS}/me`;
const COMMENTS = '/api/v1/sessions/{id}/comments';

export async function scorecardsOf({ id, token }: Place): Promise<Scorecards> {
  return read<Scorecards>(send({ method: 'GET', path: CARDS, input: { path: { id }, token } }));
}

/** writeScorecard writes the whole scorecard in place of the version that was read. */
export async function writeScorecard(
  { id, token }: Place,
  body: Schemas['WriteScorecard'],
): Promise<Scorecard> {
  return read<Scorecard>(send({ method: 'PUT', path: MINE, input: { path: { id }, body, token } }));
}

export async function submitScorecard({ id, token }: Place, version: number): Promise<Scorecard> {
  const input = { path: { id }, body: { version }, token };
  return read<Scorecard>(send({ method: 'POST', path: `${MINE}/submit`, input }));
}

/** addComment may be repeated with the same id. */
export async function addComment(
  { id, token }: Place,
  body: Schemas['WriteComment'],
): Promise<MomentComment> {
  return read<MomentComment>(send({ method: 'POST', path: COMMENTS, input: { path: { id }, body, token } }));
}

export async function removeComment({ id, token }: Place, comment: string): Promise<void> {
  await send({ method: 'DELETE', path: `${COMMENTS}/{comment}`, input: { path: { id, comment }, token } });
}

async function read<T>(answer: Promise<Response>): Promise<T> {
  return (await (await answer).json()) as T;
}
