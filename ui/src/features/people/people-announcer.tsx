import { useEffect, useRef, useState } from 'react';
import { TEXTS } from '../../lib/texts';
import type { PresentPerson } from '../../sync/presence';
import classes from './people-announcer.module.css';

/** A reconnect makes people flicker; only what lasts this long is worth saying. */
const SETTLE_MS = 1_500;
/** How long it is to be seen. */
const SHOWN_MS = 5_000;

export interface PeopleAnnouncerProps {
  people: readonly PresentPerson[];
  /**
   * Whether it is known who is here. Without a connection nobody is seen, although nobody has left.
   */
  live: boolean;
}

/**
 * PeopleAnnouncer says who came and went: to the eye for a moment at the edge, and to screen
 * readers.
 */
export function PeopleAnnouncer({ people, live }: PeopleAnnouncerProps) {
  const [message, setMessage] = useState({ text: '', shown: false });
  useComings(people, live, (text) => setMessage({ text, shown: true }));
  useEffect(() => {
    if (!message.shown) return undefined;
    const timer = setTimeout(() => setMessage(({ text }) => ({ text, shown: false })), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [message]);
  return (
    <div className={classes.place}>
      <span role="status" className={classes.message} data-shown={message.shown}>
        {message.text}
      </span>
    </div>
  );
}

/** useComings says in words who came and who left. */
function useComings(people: readonly PresentPerson[], live: boolean, tell: (text: string) => void): void {
  const known = useRef<Map<string, string> | null>(null);
  const teller = useRef(tell);
  useEffect(() => {
    teller.current = tell;
  });
  useEffect(() => {
    if (!live) return undefined;
    const timer = setTimeout(() => {
      const now = new Map(people.map((person) => [person.id, person.name]));
      const before = known.current;
      known.current = now;
      if (!before) return;
      const joined = [...now].filter(([id]) => !before.has(id)).map(([, name]) => TEXTS.people.joined(name));
      const left = [...before].filter(([id]) => !now.has(id)).map(([, name]) => TEXTS.people.left(name));
      if (joined.length + left.length > 0) teller.current([...joined, ...left].join('. '));
    }, SETTLE_MS);
    return () => clearTimeout(timer);
  }, [people, live]);
}
