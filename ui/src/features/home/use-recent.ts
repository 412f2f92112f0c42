import { useEffect, useState } from 'react';
import { ApiError, type Api } from '../../lib/api';
import {
  forgetAllSessions,
  forgetSession,
  noteSession,
  recentSessions,
  type SavedSession,
} from '../../lib/saved-sessions';

/** Sessions listed; older ones are still in the browser's history. */
const SHOWN = 5;

/** After these answers nothing leads back into a session. */
const LOST: readonly number[] = [401, 403, 404, 410];

/** useRecent lists the sessions of this browser, and asks the server how each stands now. */
export function useRecent(api: Api) {
  const [sessions, setSessions] = useState(list);
  const refresh = () => setSessions(list());

  useEffect(() => {
    let current = true;
    void Promise.all(list().map((session) => look(api, session))).then(() => {
      if (current) setSessions(list());
    });
    return () => {
      current = false;
    };
  }, [api]);

  return {
    sessions,
    forget: (id: string) => {
      forgetSession(id);
      refresh();
    },
    forgetAll: () => {
      forgetAllSessions();
      refresh();
    },
  };
}

function list(): SavedSession[] {
  return recentSessions().slice(0, SHOWN);
}

async function look(api: Api, { id, token }: SavedSession): Promise<void> {
  if (!token) return;
  try {
    const { title, status } = await api.session(id, token);
    noteSession(id, { title, status });
  } catch (error) {
    if (error instanceof ApiError && LOST.includes(error.status)) forgetSession(id);
  }
}
