/** Pages of 64 KiB: what a program may have, and what a compiler. */
export const PROGRAM_PAGES = 8192;
export const TOOL_PAGES = 16_384;

const MEMORY_SECTION = 5;
/** Magic number and version. */
const HEADER_BYTES = 8;

/**
 * limitMemory lowers the maximum memory of a module. Growing past it fails, as on a small machine,
 * instead of using up the browser's memory. A module that starts with more, or has no memory of its
 * own, is returned unchanged.
 */
export function limitMemory(wasm: Uint8Array<ArrayBuffer>, maxPages: number): Uint8Array<ArrayBuffer> {
  const section = findSection(wasm, MEMORY_SECTION);
  if (!section) return wasm;
  const count = readUnsigned(wasm, section.body);
  const flags = wasm[count.next] ?? 0;
  // Shared memories and 64-bit ones have other rules; no runtime here has one.
  if (count.value !== 1 || flags > 1) return wasm;
  const min = readUnsigned(wasm, count.next + 1);
  if (min.value > maxPages) return wasm;
  const body = Uint8Array.of(1, 1, ...unsigned(min.value), ...unsigned(maxPages));
  const head = Uint8Array.of(MEMORY_SECTION, ...unsigned(body.length));
  const out = new Uint8Array(wasm.length - (section.end - section.start) + head.length + body.length);
  out.set(wasm.subarray(0, section.start));
  out.set(head, section.start);
  out.set(body, section.start + head.length);
  out.set(wasm.subarray(section.end), section.start + head.length + body.length);
  return out;
}

function findSection(wasm: Uint8Array, id: number): { start: number; body: number; end: number } | null {
  for (let at = HEADER_BYTES; at < wasm.length;) {
    const size = readUnsigned(wasm, at + 1);
    const end = size.next + size.value;
    if (end > wasm.length) return null;
    if (wasm[at] === id) return { start: at, body: size.next, end };
    at = end;
  }
  return null;
}

/** LEB128, as WebAssembly writes numbers. */
function readUnsigned(bytes: Uint8Array, at: number): { value: number; next: number } {
  let value = 0;
  for (let i = 0; i < 5; i++) {
    const byte = bytes[at + i] ?? 0;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { value, next: at + i + 1 };
  }
  return { value: Infinity, next: at + 5 };
}

function unsigned(value: number): number[] {
  const bytes: number[] = [];
  for (; value >= 0x80; value = Math.floor(value / 128)) bytes.push((value % 128) | 0x80);
  return [...bytes, value];
}
