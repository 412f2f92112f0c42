import { useCallback, useEffect, useState } from 'react';
import type { LostText } from '../../sync/lost-texts';
import type { RefusalReason, RoomConnection } from '../../sync/room-connection';

/** Reopenable is a document with its connection. */
export interface Reopenable {
  connection: RoomConnection;
  dispose: () => void;
}

/**
 * Refusal means that the server did not accept what was written here. `lost` is empty when that was
 * no text.
 */
export interface Refusal {
  lost: readonly LostText[];
  reason: RefusalReason;
}

export interface Reopened<R> {
  room: R | null;
  /** Since the last dismissal; null: nothing was refused. */
  refusal: Refusal | null;
  dismiss: () => void;
}

/**
 * useReopened keeps a document open while the page shows it. When the server refuses a change, the
 * local copy differs from everybody else's. Then the document is opened anew from the server, and
 * the refused words stay in `refusal`. `open` is null while no document is wanted.
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
        const reason = state.status === 'refused' ? state.reason : 'read only';
        setRefusal((before) => ({ lost: [...(before?.lost ?? []), ...state.lost], reason }));
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
