import { useEffect } from 'react';
import type { ServerConfig } from '../../lib/api';
import type { PeopleRecord } from '../../sync/people-record';
import type { SessionRecord } from './use-session-record';

/** useRecorded tells a document who is who, by the session's record. */
export function useRecorded(
  known: { people: { record: PeopleRecord } } | null,
  { session, saved }: Pick<SessionRecord, 'session' | 'saved'>,
  access: ServerConfig['access'] | null,
): void {
  const record = known?.people.record;
  const { participant, token } = saved;
  // Who has no token came in by open access, also before the server has said so.
  const claims = access === 'open' || token === '';
  useEffect(() => {
    const others = session?.participants.filter(({ id }) => id !== participant.id) ?? [];
    record?.set([participant, ...others], claims);
  }, [record, session, participant, claims]);
}
