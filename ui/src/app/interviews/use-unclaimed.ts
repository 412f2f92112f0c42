import { useMemo, useState } from 'react';
import { ApiError } from '../../lib/api';
import type { Interview } from '../../lib/my-interviews';
import { claimInterview } from '../../lib/my-interviews-service';
import { keptSessions, type SavedSession } from '../../lib/saved-sessions';
import { interviews as T } from '../../lib/texts/interviews';
import type { Note } from './use-row-actions';

/** What this browser leads and the person's list does not have. */
export interface Unclaimed {
  count: number;
  busy: boolean;
  claim: () => void;
}

interface Options {
  /** The whole list of the person; null: not known yet, or nobody is signed in. */
  items: readonly Interview[] | null;
  onClaimed: () => void;
  onNote: (note: Note) => void;
}

/**
 * useUnclaimed finds the sessions of this browser that were made before the person signed in, and
 * takes them into the person's list by their tokens.
 */
export function useUnclaimed({ items, onClaimed, onNote }: Options): Unclaimed {
  const kept = useMemo(() => keptSessions().filter(leads), []);
  const [refused, setRefused] = useState<readonly string[]>([]);
  const [busy, setBusy] = useState(false);
  const left = items
    ? kept.filter(({ id }) => !refused.includes(id) && !items.some((one) => one.id === id))
    : [];
  const claim = async () => {
    setBusy(true);
    const failed: string[] = [];
    let reason = '';
    for (const { id, token } of left) {
      try {
        await claimInterview(id, token);
      } catch (error) {
        failed.push(id);
        reason = error instanceof ApiError ? error.message : String(error);
      }
    }
    setBusy(false);
    setRefused((before) => [...before, ...failed]);
    onNote(
      failed.length > 0
        ? { text: T.claimFailed(failed.length, reason), failed: true }
        : { text: T.claimed(left.length), failed: false },
    );
    onClaimed();
  };
  return { count: left.length, busy, claim: () => void claim() };
}

function leads({ token, participant, expiresAt }: SavedSession): boolean {
  return token !== '' && participant.role === 'interviewer' && expiresAt > Date.now();
}
