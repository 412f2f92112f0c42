import type { Role } from './roles';

/** Participant as the API tells it. */
export interface Participant {
  id: string;
  name: string;
  role: Role;
  color: string;
  online?: boolean;
}

/** Session as the API tells it; only what this client reads. */
export interface Session {
  id: string;
  title: string;
  status: 'waiting' | 'active' | 'ended';
  language: string;
  expires_at: string;
  participants?: Participant[];
}

/** Joined is what a person holds after joining: who they are and the token that proves it. */
export interface Joined {
  session: Session;
  participant: Participant;
  token: string;
}

/** Links to join with, one per role. */
export type Invites = Partial<Record<Role, string>>;

export interface Created extends Joined {
  invites: Invites;
}

export interface ServerConfig {
  access: 'invite' | 'open';
  version: string;
}

export interface NewSession {
  title?: string;
  language?: string;
  creator?: { name: string; color?: string };
}

/** ApiError is any answer that is not a success; status 0 means that no answer came. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    /** Stable code of the problem body, or a name for what happened on the way. */
    readonly code: string,
    detail: string,
  ) {
    super(detail);
    this.name = 'ApiError';
  }
}

/** How long a request may take before the server counts as away. */
const TIMEOUT_MS = 15_000;

export interface Api {
  config(): Promise<ServerConfig>;
  createSession(body: NewSession): Promise<Created>;
  session(id: string, token: string): Promise<Session>;
  join(body: { invite: string; name: string; color?: string }): Promise<Joined>;
  /** joinOpen joins by the session's id alone, as --access open allows. */
  joinOpen(id: string, body: { name: string; color?: string }): Promise<Joined>;
}

/** createApi makes the client for one server; fetcher is given in tests. */
export function createApi(base = '/api/v1', fetcher: typeof fetch = (...args) => fetch(...args)): Api {
  const call = <T>(method: string, path: string, init: { body?: unknown; token?: string } = {}) =>
    request<T>(fetcher, base + path, { method, ...init });
  return {
    config: () => call<ServerConfig>('GET', '/config'),
    createSession: async (body) =>
      created(await call<Session & Omit<Created, 'session'>>('POST', '/sessions', { body })),
    session: (id, token) => call<Session>('GET', `/sessions/${encodeURIComponent(id)}`, { token }),
    join: (body) => call<Joined>('POST', '/join', { body }),
    joinOpen: (id, body) => call<Joined>('POST', `/sessions/${encodeURIComponent(id)}/join`, { body }),
  };
}

/** The create answer is the session itself with the creator's own things beside its fields. */
function created(answer: Session & Omit<Created, 'session'>): Created {
  const { token, participant, invites, ...session } = answer;
  return { session, token, participant, invites };
}

async function request<T>(
  fetcher: typeof fetch,
  url: string,
  { method, body, token }: { method: string; body?: unknown; token?: string },
): Promise<T> {
  const headers: Record<string, string> = { accept: 'application/json, application/problem+json' };
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (token) headers.authorization = `Bearer ${token}`;
  let response: Response;
  try {
    response = await fetcher(url, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch {
    throw new ApiError(0, 'unreachable', 'The server did not answer.');
  }
  if (!response.ok) throw await problem(response);
  try {
    return (await response.json()) as T;
  } catch {
    throw new ApiError(response.status, 'unreadable', 'The server gave an answer that could not be read.');
  }
}

async function problem(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => null)) as { code?: unknown; detail?: unknown } | null;
  const code = typeof body?.code === 'string' ? body.code : `http_${response.status}`;
  const detail = typeof body?.detail === 'string' ? body.detail : response.statusText;
  return new ApiError(response.status, code, detail);
}
