import type { components, operations, paths } from './api-types.gen';

type Schemas = components['schemas'];

/** Participant as the API tells it. */
export type Participant = Schemas['Participant'];

/** Person is what the others see of a Participant. */
export type Person = Pick<Participant, 'id' | 'name' | 'role' | 'color'>;

/** Session as the API tells it. */
export type Session = Schemas['Session'];

/** Joined is what a person holds after joining: who they are and the token that proves it. */
export type Joined = Schemas['Joined'];

/** Links to join with, one per role; those that are not held are missing. */
export type Invites = Partial<Schemas['Invites']>;

/** Invite is one link with its role. */
export type Invite = Schemas['Invite'];

/** Created is what whoever creates a session holds. */
export type Created = Joined & Pick<Schemas['NewSession'], 'invites'>;

/** Invitation is what an invite code leads to. */
export type Invitation = Schemas['Invitation'];

export type ServerConfig = Schemas['Config'];

/** Profile is how somebody wants to appear; without a colour the server chooses one. */
export type Profile = Pick<Schemas['Join'], 'name' | 'color'>;

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
  createSession(body: Schemas['CreateSession']): Promise<Created>;
  session(id: string, token: string): Promise<Session>;
  /** changeSession changes title, status or admission; for interviewers. */
  changeSession(id: string, change: Schemas['UpdateSession'], token: string): Promise<Session>;
  /** invitation tells what a code leads to, without joining. */
  invitation(invite: string): Promise<Invitation>;
  join(body: Schemas['Join']): Promise<Joined>;
  /** joinOpen joins by the session's id alone, as --access open allows. */
  joinOpen(id: string, body: Profile): Promise<Joined>;
  /** renewInvite makes a new link for a role; the one before it opens nothing any more. */
  renewInvite(id: string, role: Invite['role'], token: string): Promise<Invite>;
  changeParticipant(person: PersonInSession, change: Schemas['UpdateParticipant']): Promise<Participant>;
  /**
   * removeParticipant takes somebody out of the session for good: their token is void from then on.
   */
  removeParticipant(person: PersonInSession): Promise<void>;
  /** exportSession gives the zip of everything that this person may see. */
  exportSession(id: string, token: string): Promise<Blob>;
  /** serverTime asks what time it is there, in milliseconds since 1970. */
  serverTime(): Promise<number>;
}

/** PersonInSession names a participant to the API, and who asks. */
export interface PersonInSession {
  id: string;
  pid: string;
  token: string;
}

type Operation = operations[keyof operations];

/** Addresses that have an operation of this method. */
type PathOf<M extends keyof paths[keyof paths]> = {
  [P in keyof paths]: paths[P][M] extends Operation ? P : never;
}[keyof paths];

/** A request body as JSON; undefined where an operation takes none. */
type Json<R> = [R] extends [never]
  ? undefined
  : R extends { content: { 'application/json': infer B } }
    ? B
    : undefined;

/** What an operation takes: the parts of its path, its body, and a token where it wants one. */
type Input<O> = (O extends { parameters: { path: infer P } } ? { path: P } : { path?: undefined }) &
  (O extends { requestBody?: infer R } ? { body?: Json<R> } : unknown) & { token?: string };

/** The body of an operation's success. */
type Answer<O> = O extends { responses: infer R }
  ? {
      [S in keyof R & (200 | 201)]: R[S] extends { content: { 'application/json': infer B } } ? B : never;
    }[keyof R & (200 | 201)]
  : never;

const PARTICIPANT = '/api/v1/sessions/{id}/participants/{pid}';

/** createApi makes the client for one server; base is its origin, fetcher is given in tests. */
export function createApi(base = '', fetcher: typeof fetch = (...args) => fetch(...args)): Api {
  const get = <P extends PathOf<'get'>>(path: P, input: Input<paths[P]['get']>) =>
    request<Answer<paths[P]['get']>>(fetcher, base, { method: 'GET', path, input });
  const patch = <P extends PathOf<'patch'>>(path: P, input: Input<paths[P]['patch']>) =>
    request<Answer<paths[P]['patch']>>(fetcher, base, { method: 'PATCH', path, input });
  const post = <P extends PathOf<'post'>>(path: P, input: Input<paths[P]['post']>) =>
    request<Answer<paths[P]['post']>>(fetcher, base, { method: 'POST', path, input });
  return {
    config: () => get('/api/v1/config', {}),
    createSession: async (body) => created(await post('/api/v1/sessions', { body })),
    session: (id, token) => get('/api/v1/sessions/{id}', { path: { id }, token }),
    changeSession: (id, body, token) => patch('/api/v1/sessions/{id}', { path: { id }, body, token }),
    invitation: (invite) => post('/api/v1/join/preview', { body: { invite } }),
    join: (body) => post('/api/v1/join', { body }),
    joinOpen: (id, body) => post('/api/v1/sessions/{id}/join', { path: { id }, body }),
    renewInvite: (id, role, token) =>
      post('/api/v1/sessions/{id}/invites/{role}', { path: { id, role }, token }),
    changeParticipant: ({ token, ...path }, body) => patch(PARTICIPANT, { path, body, token }),
    removeParticipant: async ({ token, ...path }) => {
      await send(fetcher, base, { method: 'DELETE', path: PARTICIPANT, input: { path, token } });
    },
    exportSession: async (id, token) => {
      const call = {
        method: 'GET',
        path: '/api/v1/sessions/{id}/export',
        input: { path: { id }, token },
      } as const;
      return (await send(fetcher, base, call)).blob();
    },
    serverTime: async () => Date.parse((await get('/api/v1/health', {})).timestamp),
  };
}

/** The create answer is the session itself with the creator's own things beside its fields. */
function created(answer: Schemas['NewSession']): Created {
  const { token, participant, invites, ...session } = answer;
  return { session, token, participant, invites };
}

interface Call {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  input: { path?: Record<string, string>; body?: unknown; token?: string };
}

async function request<T>(fetcher: typeof fetch, base: string, call: Call): Promise<T> {
  const response = await send(fetcher, base, call);
  try {
    return (await response.json()) as T;
  } catch {
    throw new ApiError(response.status, 'unreadable', 'The server gave an answer that could not be read.');
  }
}

/** Where an answer is not as most are: another type, or as long as it takes. */
interface Waiting {
  accept?: string;
  endless?: boolean;
}

/** createSend gives what makes single requests, for parts of the page that are loaded later. */
export function createSend(base = '', fetcher: typeof fetch = (...args) => fetch(...args)) {
  return (call: Call, waiting?: Waiting) => send(fetcher, base, call, waiting);
}

/** send gives a success, or throws an ApiError. */
async function send(
  fetcher: typeof fetch,
  base: string,
  { method, path, input }: Call,
  { accept, endless }: Waiting = {},
): Promise<Response> {
  const url =
    base + path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(input.path?.[name] ?? ''));
  const headers: Record<string, string> = {
    accept: accept ?? 'application/json, application/problem+json',
  };
  if (input.body !== undefined) headers['content-type'] = 'application/json';
  if (input.token) headers.authorization = `Bearer ${input.token}`;
  let response: Response;
  try {
    response = await fetcher(url, {
      method,
      headers,
      body: input.body === undefined ? undefined : JSON.stringify(input.body),
      signal: endless ? undefined : AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch {
    throw new ApiError(0, 'unreachable', 'The server did not answer.');
  }
  if (!response.ok) throw await problem(response);
  return response;
}

async function problem(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => null)) as { code?: unknown; detail?: unknown } | null;
  const code = typeof body?.code === 'string' ? body.code : `http_${response.status}`;
  const detail = typeof body?.detail === 'string' ? body.detail : response.statusText;
  return new ApiError(response.status, code, detail);
}
