import { useCallback, useEffect, useState } from 'react';
import { ApiError, type Api, type Profile, type ServerConfig } from '../../lib/api';
import { safeColor } from '../../lib/colors';
import { problemOfError, type ProblemKind } from '../../lib/problem-kind';
import { forgetSession, saveJoined, savedSession, type SavedSession } from '../../lib/saved-sessions';
import { CLOSE } from '../../sync/close-codes';
import type { LostText } from '../../sync/lost-texts';

/** How far a person is on the way into a session. */
export type Entry =
  | { status: 'checking' }
  /** Open access: a name is all that is missing. */
  | { status: 'lobby' }
  /** `lost`: what this person wrote and the server did not accept. */
  | { status: 'problem'; kind: ProblemKind; canRetry: boolean; lost: readonly LostText[] }
  | { status: 'inside'; saved: SavedSession; access: ServerConfig['access'] | null }
  /** The session is over. Who led it looks for it in the archive. */
  | { status: 'archived'; saved: SavedSession };

/** While the server is away it is asked again this often. */
const RETRY_MS = 5_000;

const END_PROBLEMS: Record<number, ProblemKind> = {
  [CLOSE.malformed]: 'malformed',
  [CLOSE.unauthorized]: 'removed',
  [CLOSE.removed]: 'removed',
  [CLOSE.unknownSession]: 'unknownSession',
  [CLOSE.gone]: 'expired',
  [CLOSE.tooLarge]: 'tooLarge',
};

/** After these codes the session is over, and the archive may have it. */
const OVER: readonly number[] = [CLOSE.gone, CLOSE.unknownSession];

/** After these codes the stored token is invalid. */
const FORGET: readonly number[] = [CLOSE.unauthorized, CLOSE.removed, CLOSE.unknownSession, CLOSE.gone];

function problem(kind: ProblemKind): Entry {
  return {
    status: 'problem',
    kind,
    lost: [],
    canRetry: kind === 'serverAway' || kind === 'busy' || kind === 'unexpected',
  };
}

function initialEntry(id: string): Entry {
  const saved = savedSession(id);
  return saved ? { status: 'inside', saved, access: null } : { status: 'checking' };
}

/**
 * useEntry finds the way into a session: at once with a stored token, through the lobby, or not at
 * all.
 */
export function useEntry(api: Api, id: string) {
  const [entry, setEntry] = useState<Entry>(() => initialEntry(id));
  const [attempt, setAttempt] = useState(0);
  const known = entry.status === 'archived' || (entry.status === 'inside' && entry.access !== null);

  useEffect(() => {
    if (known) return undefined;
    let current = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const settle = (access: ServerConfig['access'] | null, error?: unknown) => {
      if (!current) return;
      setEntry((now) => entryAfter(now, access, error));
      if (error) timer = setTimeout(() => setAttempt((n) => n + 1), RETRY_MS);
    };
    api.config().then(
      ({ access }) => settle(access),
      (error: unknown) => settle(null, error),
    );
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [api, attempt, known]);

  const retry = useCallback(() => setAttempt((n) => n + 1), []);

  const join = async (person: Profile) => {
    try {
      setEntry({ status: 'inside', saved: await joinOpen(api, id, person), access: 'open' });
    } catch (error) {
      setEntry(problem(problemOfError(error, 'session')));
    }
  };

  const leave = useCallback(
    (code: number, lost: readonly LostText[]) => {
      const saved = savedSession(id);
      if (
        saved?.token &&
        saved.participant.role === 'interviewer' &&
        OVER.includes(code) &&
        lost.length === 0
      ) {
        setEntry({ status: 'archived', saved });
        return;
      }
      if (FORGET.includes(code)) forgetSession(id);
      setEntry({ status: 'problem', kind: END_PROBLEMS[code] ?? 'unexpected', canRetry: false, lost });
    },
    [id],
  );

  return { entry, join, retry, leave };
}

/**
 * A session that is already open stays open. The configuration only adds how the server gives
 * access.
 */
function entryAfter(now: Entry, access: ServerConfig['access'] | null, error: unknown): Entry {
  if (now.status === 'inside') return access ? { ...now, access } : now;
  if (now.status === 'lobby' || now.status === 'archived') return now;
  if (now.status === 'problem' && !now.canRetry) return now;
  if (error) return problem(problemOfError(error, 'session'));
  return access === 'open' ? { status: 'lobby' } : problem('needInvite');
}

/**
 * joinOpen joins by the session's id alone. On an open server a room may exist without a session
 * record, because any y-websocket client can make one. Then there is nothing to join, and the
 * person gets a random id.
 */
async function joinOpen(api: Api, id: string, person: Profile): Promise<SavedSession> {
  try {
    return saveJoined(await api.joinOpen(id, person));
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
    const guest = Array.from(crypto.getRandomValues(new Uint8Array(6)), (b) =>
      b.toString(16).padStart(2, '0'),
    ).join('');
    return {
      id,
      title: '',
      token: '',
      participant: {
        id: guest,
        role: 'interviewer',
        name: person.name,
        color: safeColor(person.color, guest),
      },
      expiresAt: Date.now(),
      openedAt: Date.now(),
    };
  }
}
