import { useCallback, useRef, useSyncExternalStore } from 'react';
import type { Readable } from '../../lib/readable';

/**
 * useSelected renders when a part of a value changes. A moment changes each frame, and most parts
 * of the page show little of it.
 */
export function useSelected<T, S>(
  readable: Readable<T>,
  select: (value: T) => S,
  same: (a: S, b: S) => boolean = Object.is,
): S {
  const last = useRef<{ value: S } | null>(null);
  const getSnapshot = useCallback(() => {
    const value = select(readable.getSnapshot());
    if (last.current && same(last.current.value, value)) return last.current.value;
    last.current = { value };
    return value;
  }, [readable, select, same]);
  return useSyncExternalStore(readable.subscribe, getSnapshot);
}
