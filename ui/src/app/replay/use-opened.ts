import { useCallback, useEffect, useRef, useState } from 'react';
import { replay as T } from '../../lib/texts/replay';
import { openBundle, openTimeline, ReplayError, type OpenProgress } from '../../replay/open';
import type { Player } from '../../replay/replay';

/** Opened is how far the opening of a recording has come. */
export interface Opened {
  player: Player | null;
  /** From 0 to 1; null: nothing is being read. */
  busy: number | null;
  error: unknown;
}

const NOTHING: Opened = { player: null, busy: null, error: null };

/** useOpened opens recordings. The last one that was asked for counts. */
export function useOpened() {
  const [opened, setOpened] = useState<Opened>(NOTHING);
  const asked = useRef(0);
  const open = useCallback((start: (progress: OpenProgress) => Promise<Player>) => {
    const mine = ++asked.current;
    const current = () => mine === asked.current;
    setOpened({ ...NOTHING, busy: 0 });
    start((busy) => current() && setOpened((now) => (now.busy === null ? now : { ...now, busy }))).then(
      (player) => current() && setOpened({ ...NOTHING, player }),
      (error: unknown) => current() && setOpened({ ...NOTHING, error }),
    );
  }, []);
  useEffect(
    () => () => {
      asked.current += 1;
    },
    [],
  );
  const openFile = useCallback(
    (zip: () => Promise<Blob>) => open(async (progress) => openBundle(await zip(), progress)),
    [open],
  );
  const openLines = useCallback(
    (lines: () => Promise<ReadableStream<Uint8Array>>) =>
      open(async (progress) => openTimeline(await lines(), progress)),
    [open],
  );
  const close = useCallback(() => {
    asked.current += 1;
    setOpened(NOTHING);
  }, []);
  return { opened, openFile, openLines, close };
}

/** failureText is what a person reads of an error. */
export function failureText(error: unknown): string {
  return error instanceof ReplayError ? error.message : T.openFailed;
}
