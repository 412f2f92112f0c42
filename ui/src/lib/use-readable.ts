import { useSyncExternalStore } from 'react';
import type { Readable } from './readable';

/** useReadable renders with the current value and again after each change. */
export function useReadable<T>(readable: Readable<T>): T {
  return useSyncExternalStore(readable.subscribe, readable.getSnapshot);
}
