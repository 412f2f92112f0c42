import { useEffect, useRef, useState } from 'react';
import { TEXTS } from '../../lib/texts';
import type { PresentPerson } from '../../sync/presence';

/** A reconnect makes people flicker; only what lasts this long is worth saying. */
const SETTLE_MS = 1_500;

/** PeopleAnnouncer tells screen readers who came and went. */
export function PeopleAnnouncer({ people }: { people: readonly PresentPerson[] }) {
  const known = useRef<Map<string, string> | null>(null);
  const [message, setMessage] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => {
      const now = new Map(people.map((person) => [person.id, person.name]));
      const before = known.current;
      known.current = now;
      if (!before) return;
      const joined = [...now].filter(([id]) => !before.has(id)).map(([, name]) => TEXTS.people.joined(name));
      const left = [...before].filter(([id]) => !now.has(id)).map(([, name]) => TEXTS.people.left(name));
      if (joined.length + left.length > 0) setMessage([...joined, ...left].join('. '));
    }, SETTLE_MS);
    return () => clearTimeout(timer);
  }, [people]);
  return (
    <span role="status" className="visually-hidden">
      {message}
    </span>
  );
}
