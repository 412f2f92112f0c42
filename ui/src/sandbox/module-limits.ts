import { withBreaks } from './breaks';
import { needsBreaks } from './breaks-needed';
import { PROGRAM_PAGES, limitMemory } from './memory-limit';

/**
 * withinLimits makes a module one that can be run here: with no more memory than it may have, and
 * where terminate() alone does not end it, with breaks. A compiler comes to its end by itself, and
 * is so large that breaks would take seconds.
 */
export function withinLimits(wasm: Uint8Array<ArrayBuffer>, maxPages: number): Uint8Array<ArrayBuffer> {
  const limited = limitMemory(wasm, maxPages);
  return needsBreaks() && maxPages <= PROGRAM_PAGES ? withBreaks(limited) : limited;
}
