import { useCallback, useEffect, useRef, useState } from 'react';
import type { Interview, Interviews, MyState } from '../../lib/my-interviews';

/** The list as it is known. */
export interface Listing {
  items: readonly Interview[];
  /** Leads to more; "": that is all. */
  cursor: string;
  busy: boolean;
  error: unknown;
}

/** Time after a key before a search begins, in milliseconds. */
const PAUSE_MS = 200;

const NOTHING: Listing = { items: [], cursor: '', busy: true, error: null };

/** useInterviews lists interviews. What was there stays until the new list has come. */
export function useInterviews(source: Interviews, state: MyState, words: string) {
  const [listing, setListing] = useState(NOTHING);
  const [attempt, setAttempt] = useState(0);
  // Answers to what is no longer asked are left alone.
  const asked = useRef(0);
  const leave = useCallback(() => {
    asked.current++;
  }, []);

  const load = useCallback(
    async (before: readonly Interview[], cursor: string) => {
      const mine = ++asked.current;
      setListing((now) => ({ ...now, busy: true, error: null }));
      try {
        const page = await source.list(state, words, cursor);
        if (mine !== asked.current) return;
        setListing({ items: [...before, ...page.items], cursor: page.cursor, busy: false, error: null });
      } catch (error) {
        if (mine === asked.current) setListing((now) => ({ ...now, busy: false, error }));
      }
    },
    [source, state, words],
  );

  useEffect(() => {
    const timer = setTimeout(() => void load([], ''), words === '' ? 0 : PAUSE_MS);
    return () => {
      clearTimeout(timer);
      leave();
    };
  }, [load, leave, words, attempt]);

  return {
    listing,
    again: () => setAttempt((n) => n + 1),
    more: () => void load(listing.items, listing.cursor),
    /** change puts an interview in the place of what it was; null: it is gone. */
    change: (id: string, next: Interview | null) => {
      source.forget(id);
      setListing((now) => ({
        ...now,
        items: now.items.flatMap((one) => (one.id !== id ? [one] : next ? [next] : [])),
      }));
    },
  };
}
