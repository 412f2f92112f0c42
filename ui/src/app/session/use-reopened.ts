import { useCallback, useEffect, useState } from 'react';
import type { LostText } from '../../sync/lost-texts';
import type { RoomConnection } from '../../sync/room-connection';

/** Reopenable is a document with its connection. */
export interface Reopenable {
  connection: RoomConnection;
  dispose: () => void;
}

/**
 * Refusal is that the server did not take what was written here; `lost` may be empty when it was no
 * text.
 */
export interface Refusal {
  lost: readonly LostText[];
}

export interface Reopened<R> {
  room: R | null;
  /** Since the last dismissal; null: nothing was refused. */
  refusal: Refusal | null;
  dismiss: () => void;
}

/**
 * useReopened opens a document while the page shows it; its cleanup undoes all that opening did.
 * When the server refuses what was written, the copy here is not what the others have any more:
 * then it is opened anew, from the server, and what was refused stays to be read. `open` is null
 * while nothing is wanted.
 */
export function useReopened<R extends Reopenable>(open: (() => R) | null): Reopened<R> {
  const [room, setRoom] = useState<R | null>(null);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const dismiss = useCallback(() => setRefusal(null), []);
  useEffect(() => {
    if (!open) return undefined;
    let close: () => void = () => undefined;
    const start = () => {
      const opened = open();
      const { connection } = opened;
      const stop = connection.subscribe(() => {
        const state = connection.getSnapshot();
        if (state.status !== 'refused' && (state.status !== 'ended' || state.lost.length === 0)) return;
        setRefusal((before) => ({ lost: [...(before?.lost ?? []), ...state.lost] }));
        if (state.status !== 'refused') return;
        close();
        start();
      });
      close = () => {
        stop();
        opened.dispose();
      };
      setRoom(opened);
    };
    start();
    return () => {
      setRoom(null);
      close();
    };
  }, [open]);
  return { room, refusal, dismiss };
}
