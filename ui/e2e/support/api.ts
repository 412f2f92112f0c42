import type { Server } from './server';

export interface Created {
  id: string;
  token: string;
  participant: { id: string };
  invites: Record<'interviewer' | 'candidate' | 'observer', string>;
}

export interface Joined {
  session: { id: string };
  participant: { id: string };
  token: string;
}

async function call<T>(server: Server, method: string, path: string, init: RequestInit = {}): Promise<T> {
  const answer = await fetch(`${server.origin}/api/v1${path}`, { method, ...init });
  const body = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${body}`);
  return JSON.parse(body) as T;
}

function json(body: unknown) {
  return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

export function createSession(server: Server, body: object = {}): Promise<Created> {
  return call(server, 'POST', '/sessions', json(body));
}

/** Joins by an invite's link. */
export function joinByLink(server: Server, link: string, name: string): Promise<Joined> {
  const invite = link.slice(link.lastIndexOf('/') + 1);
  return call(server, 'POST', '/join', json({ invite, name }));
}

/** The text of the session's first file, as the server has it. */
export async function codeOf(server: Server, id: string, token: string): Promise<string> {
  const headers = { authorization: `Bearer ${token}` };
  return (await call<{ code: string }>(server, 'GET', `/sessions/${id}`, { headers })).code;
}

/** Changes something of a session, as whoever holds the token. */
export function patch(server: Server, path: string, token: string, body: object): Promise<unknown> {
  const { headers, ...rest } = json(body);
  return call(server, 'PATCH', path, { ...rest, headers: { ...headers, authorization: `Bearer ${token}` } });
}
