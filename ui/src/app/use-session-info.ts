import { useEffect, useState } from 'react';
import type { Api, Session } from '../lib/api';
import { touchSession, type SavedSession } from '../lib/saved-sessions';
import { useReadable } from '../lib/use-readable';
import type { Room } from '../sync/room';

/**
 * useSessionInfo reads the session's record: its title, and the names of those who are not here any more. It
 * asks again when somebody unknown appears. Without an answer the page works on with what it has.
 */
export function useSessionInfo(api: Api, saved: SavedSession, room: Room): Session | null {
  const [session, setSession] = useState<Session | null>(null);
  const people = useReadable(room.people);
  const connected = useReadable(room.connection).status === 'live';
  const unknown = people.filter((person) => !session?.participants?.some(({ id }) => id === person.id));
  const ask = unknown.map((person) => person.id).join();

  useEffect(() => {
    if (!saved.token || !connected) return undefined;
    let current = true;
    api.session(saved.id, saved.token).then(
      (answer) => {
        if (!current) return;
        setSession(answer);
        touchSession(saved.id, { title: answer.title, status: answer.status });
      },
      () => undefined,
    );
    return () => {
      current = false;
    };
  }, [api, saved.id, saved.token, connected, ask]);

  return session;
}
