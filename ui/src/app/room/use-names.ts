import { useCallback, useEffect, useRef } from 'react';
import { TEXTS } from '../../lib/texts';
import { useReadable } from '../../lib/use-readable';
import type { PresentPeople } from '../../sync/presence';

/**
 * useNames names participants by id: as the session's record has them or had them, and with open
 * access as those who are here or were here call themselves.
 */
export function useNames(people: PresentPeople): (id: string) => string {
  const here = useReadable(people);
  const { people: recorded } = useReadable(people.record);
  const seen = useRef(new Map<string, string>());
  useEffect(() => {
    for (const { id, name } of [...here, ...recorded.values()]) seen.current.set(id, name);
  }, [here, recorded]);
  return useCallback(
    (id) =>
      recorded.get(id)?.name ??
      here.find((person) => person.id === id)?.name ??
      seen.current.get(id) ??
      TEXTS.people.someone,
    [here, recorded],
  );
}
