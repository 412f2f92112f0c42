import { useCallback, useEffect, useMemo, useState } from 'react';
import type { Api, Person, Session } from '../../lib/api';
import { noteSession, type SavedSession } from '../../lib/saved-sessions';

/** Where a person is in a session. missed: the session ended before they were let in. */
export type Phase = 'lobby' | 'room' | 'ended' | 'missed';

/** SessionRecord is the session as the server last described it, and where this person is in it. */
export interface SessionRecord {
  /** null until the server has answered. */
  session: Session | null;
  /** With role, name and colour as they are now. */
  saved: SavedSession;
  phase: Phase;
  /** Asks the server again. */
  refresh: () => void;
}

/** In the lobby the server is asked this often, in case a closed socket went unnoticed. */
const LOBBY_POLL_MS = 15_000;

/**
 * In the room others tell as presence that a quiet time begins or ends. Now and then the server is
 * asked as well, in case they were gone before they could.
 */
const ROOM_POLL_MS = 60_000;

/**
 * useSessionRecord follows the record of a session. Until the server answers, it uses what this
 * browser kept.
 */
export function useSessionRecord(api: Api, kept: SavedSession): SessionRecord {
  const [session, setSession] = useState<Session | null>(null);
  const [asked, setAsked] = useState(0);
  const refresh = useCallback(() => setAsked((n) => n + 1), []);
  const { id, token } = kept;
  const me = session?.participants.find((participant) => participant.id === kept.participant.id);
  const phase = phaseOf(session?.status ?? kept.status, me?.waiting ?? kept.waiting ?? false);

  useEffect(() => {
    if (!token) return undefined;
    let current = true;
    api.session(id, token).then(
      (answer) => {
        if (!current) return;
        setSession(answer);
        noteSession(id, { ...newsOf(answer, kept.participant.id), openedAt: Date.now() });
      },
      () => undefined,
    );
    return () => {
      current = false;
    };
  }, [api, id, token, kept.participant.id, asked]);

  useEffect(() => {
    if (phase !== 'lobby' && phase !== 'room') return undefined;
    const timer = setInterval(refresh, phase === 'lobby' ? LOBBY_POLL_MS : ROOM_POLL_MS);
    return () => clearInterval(timer);
  }, [phase, refresh]);

  const { name, role, color } = me ?? kept.participant;
  const saved = useMemo(
    () => ({ ...kept, participant: { id: kept.participant.id, name, role, color } }),
    [kept, name, role, color],
  );
  return { session, saved, phase, refresh };
}

function phaseOf(status: Session['status'] | undefined, waits: boolean): Phase {
  if (waits) return status === 'ended' ? 'missed' : 'lobby';
  return status === 'ended' ? 'ended' : 'room';
}

/** newsOf is what this browser keeps of an answer. */
function newsOf({ title, status, participants }: Session, self: string) {
  const me = participants.find(({ id }) => id === self);
  if (!me) return { title, status };
  const participant: Person = { id: me.id, name: me.name, role: me.role, color: me.color };
  return { title, status, participant, waiting: me.waiting };
}
