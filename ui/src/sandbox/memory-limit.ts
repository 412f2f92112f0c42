import { SECTION, readUnsigned, sectionsOf, unsigned } from './wasm-bytes';

/** Pages of 64 KiB: what a program may have, and what a compiler. */
export const PROGRAM_PAGES = 8192;
export const TOOL_PAGES = 16_384;

/**
 * limitMemory lowers the maximum memory of a module. Growing past it fails, as on a small machine,
 * instead of using up the browser's memory. A module that starts with more, or has no memory of its
 * own, is returned unchanged.
 */
export function limitMemory(wasm: Uint8Array<ArrayBuffer>, maxPages: number): Uint8Array<ArrayBuffer> {
  const section = sectionsOf(wasm)?.find(({ id }) => id === SECTION.memory);
  if (!section) return wasm;
  const count = readUnsigned(wasm, section.body);
  const flags = wasm[count.next] ?? 0;
  // Shared memories and 64-bit ones have other rules; no runtime here has one.
  if (count.value !== 1 || flags > 1) return wasm;
  const min = readUnsigned(wasm, count.next + 1);
  if (min.value > maxPages) return wasm;
  const body = Uint8Array.of(1, 1, ...unsigned(min.value), ...unsigned(maxPages));
  const head = Uint8Array.of(SECTION.memory, ...unsigned(body.length));
  const out = new Uint8Array(wasm.length - (section.end - section.start) + head.length + body.length);
  out.set(wasm.subarray(0, section.start));
  out.set(head, section.start);
  out.set(body, section.start + head.length);
  out.set(wasm.subarray(section.end), section.start + head.length + body.length);
  return out;
}
