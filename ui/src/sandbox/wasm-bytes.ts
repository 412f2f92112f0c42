/** Sections of a module that are read or changed here, by their number. */
export const SECTION = {
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  tag: 13,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  dataCount: 12,
  code: 10,
  data: 11,
} as const;

/** Magic number and version. */
export const HEADER_BYTES = 8;

export interface Section {
  id: number;
  /** Where its number, its content and what follows it begin. */
  start: number;
  body: number;
  end: number;
}

/** sectionsOf lists the sections of a module; null: this is none, or it is cut. */
export function sectionsOf(wasm: Uint8Array): Section[] | null {
  const sections: Section[] = [];
  for (let at = HEADER_BYTES; at < wasm.length;) {
    const size = readUnsigned(wasm, at + 1);
    const end = size.next + size.value;
    if (end > wasm.length) return null;
    sections.push({ id: wasm[at] ?? 0, start: at, body: size.next, end });
    at = end;
  }
  return sections;
}

/** LEB128, as WebAssembly writes numbers. */
export function readUnsigned(bytes: Uint8Array, at: number): { value: number; next: number } {
  let value = 0;
  for (let i = 0; i < 5; i++) {
    const byte = bytes[at + i] ?? 0;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { value, next: at + i + 1 };
  }
  return { value: Infinity, next: at + 5 };
}

export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  for (; value >= 0x80; value = Math.floor(value / 128)) bytes.push((value % 128) | 0x80);
  return [...bytes, value];
}

/** skipNumber goes past a number of any size and sign. */
export function skipNumber(bytes: Uint8Array, at: number): number {
  while ((bytes[at++] ?? 0) >= 0x80);
  return at;
}
