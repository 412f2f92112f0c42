import { useCallback, useEffect, useRef } from 'react';
import type { Session } from '../../lib/api';
import { cleanName } from '../../lib/person-name';
import { TEXTS } from '../../lib/texts';
import type { PresentPerson } from '../../sync/presence';

/**
 * useNames names participants by id: people who are here, who were here, or whom the server knows.
 */
export function useNames(people: readonly PresentPerson[], session: Session | null): (id: string) => string {
  const seen = useRef(new Map<string, string>());
  useEffect(() => {
    for (const person of people) seen.current.set(person.id, person.name);
  }, [people]);
  return useCallback(
    (id) => {
      const present = people.find((person) => person.id === id)?.name ?? seen.current.get(id);
      const recorded = session?.participants?.find((participant) => participant.id === id)?.name;
      return present ?? (recorded ? cleanName(recorded) : TEXTS.people.someone);
    },
    [people, session],
  );
}
