import { useMemo } from 'react';
import type { Api } from '../../lib/api';
import type { Role } from '../../lib/roles';
import type { SessionRecord } from '../session/use-session-record';

/**
 * Leading is what an interviewer may do with the session and its people. Each rejects with what the
 * server says.
 */
export interface Leading {
  start: () => Promise<void>;
  end: () => Promise<void>;
  rename: (title: string) => Promise<void>;
  /** Sets the link of the call; "" removes it. */
  setCall: (url: string) => Promise<void>;
  admit: (pid: string) => Promise<void>;
  remove: (pid: string) => Promise<void>;
  changeRole: (pid: string, role: Role) => Promise<void>;
}

/** useLeading gives null to a person who does not lead the session. */
export function useLeading(api: Api, { saved, refresh }: SessionRecord): Leading | null {
  const { id, token, participant } = saved;
  const leads = participant.role === 'interviewer' && token !== '';
  return useMemo(() => {
    if (!leads) return null;
    const change = async (body: Parameters<Api['changeSession']>[1]) => {
      await api.changeSession(id, body, token);
      refresh();
    };
    const person = (pid: string) => ({ id, pid, token });
    return {
      start: () => change({ status: 'active' }),
      end: () => change({ status: 'ended' }),
      rename: (title) => change({ title }),
      setCall: (url) => change({ call_url: url }),
      admit: async (pid) => {
        await api.changeParticipant(person(pid), { waiting: false });
        refresh();
      },
      remove: async (pid) => {
        await api.removeParticipant(person(pid));
        refresh();
      },
      changeRole: async (pid, role) => {
        await api.changeParticipant(person(pid), { role });
        refresh();
      },
    };
  }, [api, id, token, leads, refresh]);
}
