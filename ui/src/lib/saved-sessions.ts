import type { Invites, Person, Session } from './api';
import type { Role } from './roles';

/**
 * SavedSession is what this browser keeps to rejoin a session silently: never any of its content.
 */
export interface SavedSession {
  id: string;
  title: string;
  token: string;
  participant: Person;
  /** Only the browser that made the links holds them; the server keeps hashes. */
  invites?: Invites;
  /**
   * The code this browser joined with, so that the same link leads back and not to a second self.
   */
  invite?: string;
  /** How the session stood when this browser last heard of it. */
  status?: Session['status'];
  /** Whether this person had to wait in the lobby then. */
  waiting?: boolean;
  /** Milliseconds since 1970. */
  expiresAt: number;
  openedAt: number;
}

const PREFIX = 'parley:session:';
const NAME_KEY = 'parley:name';
const COLOR_KEY = 'parley:color';

/** Storage may be forbidden (private windows, policies); then the browser just forgets. */
function guarded<T>(action: () => T, otherwise: T): T {
  try {
    return action();
  } catch {
    return otherwise;
  }
}

/** What is kept of joining. */
export interface Entered {
  session: Pick<Session, 'id' | 'title' | 'expires_at'> & Partial<Pick<Session, 'status'>>;
  participant: Person & { waiting?: boolean };
  token: string;
}

export function saveJoined(
  joined: Entered,
  extra: { invites?: Invites; invite?: string } = {},
): SavedSession {
  const expires = Date.parse(joined.session.expires_at);
  const saved: SavedSession = {
    id: joined.session.id,
    title: joined.session.title,
    status: joined.session.status,
    waiting: joined.participant.waiting,
    token: joined.token,
    participant: joined.participant,
    expiresAt: Number.isNaN(expires) ? Date.now() + 24 * 3600_000 : expires,
    openedAt: Date.now(),
    ...extra,
  };
  guarded(() => localStorage.setItem(PREFIX + saved.id, JSON.stringify(saved)), undefined);
  return saved;
}

export function savedSession(id: string): SavedSession | null {
  return guarded(() => {
    const raw = localStorage.getItem(PREFIX + id);
    const value = raw ? (JSON.parse(raw) as SavedSession) : null;
    return value && value.id === id && typeof value.participant?.id === 'string' ? value : null;
  }, null);
}

/** noteSession keeps what the server said of a session; one that is not kept stays forgotten. */
export function noteSession(
  id: string,
  news: Partial<Pick<SavedSession, 'title' | 'status' | 'waiting' | 'participant' | 'openedAt'>>,
): void {
  const saved = savedSession(id);
  if (!saved) return;
  guarded(() => localStorage.setItem(PREFIX + id, JSON.stringify({ ...saved, ...news })), undefined);
}

/** saveInvite adds a link that was made later. */
export function saveInvite(id: string, role: Role, url: string): void {
  const saved = savedSession(id);
  if (!saved) return;
  const next = { ...saved, invites: { ...saved.invites, [role]: url } };
  guarded(() => localStorage.setItem(PREFIX + id, JSON.stringify(next)), undefined);
}

/** forgetAllSessions leaves nothing of any session on this device; who one is stays. */
export function forgetAllSessions(): void {
  for (const { id } of recentSessions(0)) forgetSession(id);
}

export function forgetSession(id: string): void {
  guarded(() => localStorage.removeItem(PREFIX + id), undefined);
}

/** How long who led an interview keeps what opens it in the archive. */
const ARCHIVE_MS = 400 * 24 * 3600_000;

/** What leads nowhere any more is forgotten. */
function isOver({ expiresAt, participant }: SavedSession, now: number): boolean {
  return expiresAt + (participant.role === 'interviewer' ? ARCHIVE_MS : 0) <= now;
}

/** recentSessions lists what is still alive, newest first, and forgets what is over. */
export function recentSessions(now = Date.now()): SavedSession[] {
  return keptSessions(now).filter((s) => s.expiresAt > now);
}

/** keptSessions is recentSessions with what may be archived. */
export function keptSessions(now = Date.now()): SavedSession[] {
  const ids = guarded(() => Object.keys(localStorage).filter((key) => key.startsWith(PREFIX)), []);
  const all = ids.map((key) => savedSession(key.slice(PREFIX.length))).filter((s) => s !== null);
  for (const old of all.filter((s) => isOver(s, now))) forgetSession(old.id);
  return all.filter((s) => !isOver(s, now)).sort((a, b) => b.openedAt - a.openedAt);
}

export function sessionJoinedWith(invite: string): SavedSession | null {
  return recentSessions().find((s) => s.invite === invite) ?? null;
}

/**
 * The person's own name and colour, remembered between interviews; no colour is "": the server
 * chooses.
 */
export function rememberedPerson(): { name: string; color: string } {
  return guarded(
    () => ({ name: localStorage.getItem(NAME_KEY) ?? '', color: localStorage.getItem(COLOR_KEY) ?? '' }),
    { name: '', color: '' },
  );
}

export function rememberPerson(name: string, color: string): void {
  guarded(() => {
    localStorage.setItem(NAME_KEY, name);
    localStorage.setItem(COLOR_KEY, color);
  }, undefined);
}
