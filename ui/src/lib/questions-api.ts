import { ApiError, createSend } from './api';
import type { components } from './api-types.gen';
import { asksForSignIn } from './sign-in';
import { TEXTS } from './texts';
import { questions as T } from './texts/questions';

type Schemas = components['schemas'];

/** QuestionSummary is a question in the list. */
export type QuestionSummary = Schemas['QuestionSummary'];

/** Question is all of a question, with what candidates never see. */
export type Question = Schemas['Question'];

/** QuestionTest is a test of a question. */
export type QuestionTest = Schemas['QuestionTest'];

/** Guide is the session's copy of its question, for interviewers. */
export type Guide = Schemas['Guide'];

/** Leader names a session, and the token of one of its interviewers. */
export interface Leader {
  id: string;
  token: string;
}

const send = createSend();

/** listQuestions lists the questions. Without a token the sign-in of the browser opens the list. */
export async function listQuestions(token?: string): Promise<QuestionSummary[]> {
  const answer = await send({ method: 'GET', path: '/api/v1/questions', input: { token } });
  return ((await answer.json()) as Schemas['QuestionList']).questions;
}

/** readQuestion reads all of a question. */
export async function readQuestion(question: string, token?: string): Promise<Question> {
  const input = { path: { question }, token };
  return (await (
    await send({ method: 'GET', path: '/api/v1/questions/{question}', input })
  ).json()) as Question;
}

/** readGuide reads the copy that a session has of its question; null: none was asked. */
export async function readGuide({ id, token }: Leader): Promise<Guide | null> {
  const input = { path: { id }, token };
  try {
    return (await (
      await send({ method: 'GET', path: '/api/v1/sessions/{id}/guide', input })
    ).json()) as Guide;
  } catch (error) {
    if (error instanceof ApiError && error.code === 'no_question') return null;
    throw error;
  }
}

/** askQuestion puts a question into a session. Everything that is there stays as files. */
export async function askQuestion({ id, token }: Leader, question: string, language: string): Promise<Guide> {
  const input = { path: { id }, token, body: { question, language: language || undefined } };
  const answer = await send({ method: 'POST', path: '/api/v1/sessions/{id}/questions', input });
  return (await answer.json()) as Guide;
}

/** revealPart shows everybody a part, by its number from 2 on. It may be repeated. */
export async function revealPart({ id, token }: Leader, part: number): Promise<Guide> {
  const input = { path: { id }, token, body: { part } };
  return (await (
    await send({ method: 'POST', path: '/api/v1/sessions/{id}/reveal', input })
  ).json()) as Guide;
}

/** questionTrouble says in words why something with a question did not work. */
export function questionTrouble(error: unknown): string {
  if (asksForSignIn(error)) return T.signIn;
  if (!(error instanceof ApiError)) return TEXTS.problems.unexpected.title;
  if (error.code === 'api_key_required') return T.keyRequired;
  if (error.status === 0 || error.status === 502 || error.status === 504) return T.away;
  return error.message;
}
