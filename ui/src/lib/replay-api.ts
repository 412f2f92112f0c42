import { ApiError, createSend, type Session } from './api';

/** What a replay link leads to. The token opens this session's timeline and nothing else. */
export interface OpenedReplay {
  session: Pick<Session, 'id' | 'title' | 'status'>;
  token: string;
  private: boolean;
}

/** ReplayLink is a link that its holder can replay with, from the end of the interview on. */
export interface ReplayLink {
  url: string;
  expires_at: string;
}

interface Place {
  id: string;
  token: string;
}

const LINK = '/api/v1/sessions/{id}/invites/replay';
const QUIET = '/api/v1/sessions/{id}/quiet';

const send = createSend();

/** openReplay exchanges the code of a replay link. */
export async function openReplay(code: string): Promise<OpenedReplay> {
  const answer = await send({ method: 'POST', path: '/api/v1/replay', input: { body: { code } } });
  return (await answer.json()) as OpenedReplay;
}

/** timelineOf streams a session's timeline. It may take as long as it is large. */
export async function timelineOf({ id, token }: Place): Promise<ReadableStream<Uint8Array>> {
  const call = {
    method: 'GET',
    path: '/api/v1/sessions/{id}/timeline',
    input: { path: { id }, token },
  } as const;
  const answer = await send(call, {
    endless: true,
    accept: 'application/x-ndjson, application/problem+json',
  });
  if (!answer.body) throw new ApiError(answer.status, 'unreadable', 'The answer has no body.');
  return answer.body;
}

/** shareReplay makes a new replay link, which ends the one before it. */
export async function shareReplay(
  { id, token }: Place,
  body: { expires_in?: number; private?: boolean },
): Promise<ReplayLink> {
  const answer = await send({ method: 'POST', path: LINK, input: { path: { id }, body, token } });
  return (await answer.json()) as ReplayLink;
}

export async function revokeReplay({ id, token }: Place): Promise<void> {
  await send({ method: 'DELETE', path: LINK, input: { path: { id }, token } });
}

/** setMark notes this moment for the replay; interviewers alone see it. */
export async function setMark({ id, token }: Place, text: string): Promise<void> {
  const body = text ? { text } : {};
  await send({ method: 'POST', path: '/api/v1/sessions/{id}/marks', input: { path: { id }, body, token } });
}

export async function startQuiet({ id, token }: Place, minutes: number): Promise<void> {
  await send({ method: 'POST', path: QUIET, input: { path: { id }, body: { minutes }, token } });
}

export async function endQuiet({ id, token }: Place): Promise<void> {
  await send({ method: 'DELETE', path: QUIET, input: { path: { id }, token } });
}
