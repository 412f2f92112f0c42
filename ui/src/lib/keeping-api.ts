import { createSend } from './api';
import type { Archived } from './archive-api';

/** What of the service an interview is in, and what opens it. */
export interface Keeping {
  id: string;
  token: string;
  archived: boolean;
}

const send = createSend();

const pathOf = (archived: boolean) => (archived ? '/api/v1/archive/{id}' : '/api/v1/sessions/{id}');

/** deleteInterview deletes an interview for good, wherever it is. */
export async function deleteInterview({ id, token, archived }: Keeping): Promise<void> {
  await send({ method: 'DELETE', path: pathOf(archived), input: { path: { id }, token } });
}

/** holdInterview keeps an archived interview from being deleted, or no longer. */
export async function holdInterview({ id, token }: Keeping, hold: boolean): Promise<void> {
  await send({ method: 'PATCH', path: pathOf(true), input: { path: { id }, token, body: { hold } } });
}

/** forgetPerson takes the name and the addresses of somebody out of an archived interview. */
export async function forgetPerson({ id, token }: Keeping, pid: string): Promise<Archived> {
  const path = '/api/v1/archive/{id}/participants/{pid}/forget';
  const answer = await send({ method: 'POST', path, input: { path: { id, pid }, token } });
  return (await answer.json()) as Archived;
}

/** shareInterview shares a session with a group of its owner; "": with nobody. */
export async function shareInterview(id: string, token: string, team: string): Promise<void> {
  await send({ method: 'PATCH', path: pathOf(false), input: { path: { id }, token, body: { team } } });
}
