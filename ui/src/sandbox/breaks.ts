import { LOOK_TABLE } from './look';
import { SECTION, readUnsigned, sectionsOf, skipNumber, unsigned, HEADER_BYTES } from './wasm-bytes';
import { pastType, walkCode } from './wasm-walk';

/**
 * WebKit's terminate() does not end a worker that turns in a loop of WebAssembly, nor does the end
 * of its document: the loop goes on until the tab is closed, and takes a core and its memory. It
 * ends a worker at its next call of JavaScript. So there each loop of a module counts, and calls
 * JavaScript now and then.
 */

/** Turns of loops and calls between two looks: about a millisecond. */
const TURNS = 1 << 19;

/** A function without parameters and results, and the empty type of a block. */
const FUNC = 0x60;
const EMPTY = 0x40;
const FUNCREF = 0x70;

/** In which order sections stand. */
const ORDER = Object.values(SECTION) as number[];

interface Part {
  id: number;
  chunks: Uint8Array[];
}

/** What the new parts of a module are called there. */
interface Names {
  type: number;
  table: number;
  left: number;
  look: number;
}

/**
 * withBreaks makes each loop, and each function that calls another, count down and look. A module
 * that is not understood is returned unchanged.
 */
export function withBreaks(wasm: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const parts = partsOf(wasm);
  const names = parts && namesIn(parts);
  if (!parts || !names) return wasm;
  const code = parts.find(({ id }) => id === SECTION.code);
  const body = code && countingCode(code.chunks[0] ?? new Uint8Array(), names);
  if (!code || !body) return wasm;
  append(parts, SECTION.type, [FUNC, 0, 0]);
  append(parts, SECTION.function, unsigned(names.type));
  append(parts, SECTION.table, [FUNCREF, 0, 1]);
  append(parts, SECTION.global, [0x7f, 1, 0x41, ...signed(TURNS), 0x0b]);
  const name = [...new TextEncoder().encode(LOOK_TABLE)];
  append(parts, SECTION.export, [...unsigned(name.length), ...name, 1, ...unsigned(names.table)]);
  code.chunks = body;
  append(parts, SECTION.code, sized(lookBody(names)));
  return joined(wasm, parts);
}

function partsOf(wasm: Uint8Array): Part[] | null {
  const sections = sectionsOf(wasm);
  return sections && sections.map(({ id, body, end }) => ({ id, chunks: [wasm.subarray(body, end)] }));
}

/** Numbers of what is added: they follow those that are there, so that none changes. */
function namesIn(parts: readonly Part[]): Names | null {
  const bytesOf = (id: number) => parts.find((part) => part.id === id)?.chunks[0] ?? Uint8Array.of(0);
  const count = (id: number) => readUnsigned(bytesOf(id), 0).value;
  const imported = importedIn(bytesOf(SECTION.import));
  if (!imported || !onlyFunctions(bytesOf(SECTION.type))) return null;
  return {
    type: count(SECTION.type),
    look: imported.functions + count(SECTION.function),
    table: imported.tables + count(SECTION.table),
    left: imported.globals + count(SECTION.global),
  };
}

/** Whether all types are those of functions, one for each number. */
function onlyFunctions(types: Uint8Array): boolean {
  let { value: left, next: at } = readUnsigned(types, 0);
  for (; left > 0; left--) {
    if (types[at++] !== FUNC) return false;
    for (let lists = 0; lists < 2; lists++) {
      const list = readUnsigned(types, at);
      at = list.next;
      for (let i = 0; i < list.value && at < types.length; i++) at = pastType(types, at);
    }
  }
  return at === types.length;
}

function importedIn(imports: Uint8Array): { functions: number; tables: number; globals: number } | null {
  const found = { functions: 0, tables: 0, globals: 0 };
  let { value: left, next: at } = readUnsigned(imports, 0);
  for (; left > 0; left--) {
    for (let words = 0; words < 2; words++) {
      const length = readUnsigned(imports, at);
      at = length.next + length.value;
    }
    const kind = imports[at++];
    if (kind === 0) at = skipNumber(imports, at);
    else if (kind === 1) at = pastLimits(imports, pastType(imports, at));
    else if (kind === 2) at = pastLimits(imports, at);
    else if (kind === 3) at = pastType(imports, at) + 1;
    else if (kind === 4) at = skipNumber(imports, at + 1);
    else return null;
    if (kind === 0) found.functions++;
    if (kind === 1) found.tables++;
    if (kind === 3) found.globals++;
  }
  return at === imports.length ? found : null;
}

function pastLimits(bytes: Uint8Array, at: number): number {
  const bounded = (bytes[at] ?? 0) & 1;
  const next = skipNumber(bytes, at + 1);
  return bounded ? skipNumber(bytes, next) : next;
}

/** The code section with counts; null: something in it is not understood. */
function countingCode(code: Uint8Array, names: Names): Uint8Array[] | null {
  const count = countDown(names);
  let { value: left, next: at } = readUnsigned(code, 0);
  const chunks = [code.subarray(0, at)];
  for (; left > 0; left--) {
    const size = readUnsigned(code, at);
    const end = size.next + size.value;
    const start = pastLocals(code, size.next);
    const found = end <= code.length ? walkCode(code, start, end) : null;
    if (!found) return null;
    const places = found.calls ? [start, ...found.loops] : found.loops;
    chunks.push(Uint8Array.from(unsigned(size.value + places.length * count.length)));
    let from = size.next;
    for (const place of places) {
      chunks.push(code.subarray(from, place), count);
      from = place;
    }
    chunks.push(code.subarray(from, end));
    at = end;
  }
  return at === code.length ? chunks : null;
}

function pastLocals(code: Uint8Array, at: number): number {
  let { value: left, next } = readUnsigned(code, at);
  for (; left > 0 && next < code.length; left--) next = pastType(code, skipNumber(code, next));
  return next;
}

/** One turn less is left; and if none is, look. */
function countDown({ left, look }: Names): Uint8Array {
  const global = unsigned(left);
  return Uint8Array.from([
    ...[0x23, ...global, 0x41, 1, 0x6b, 0x24, ...global],
    ...[0x23, ...global, 0x45, 0x04, EMPTY, 0x10, ...unsigned(look), 0x0b],
  ]);
}

/** The body of the function that looks: calls what is in the table, if anything is. */
function lookBody({ type, table, left }: Names): number[] {
  const place = [0x41, 0];
  return [
    ...[0, 0x41, ...signed(TURNS), 0x24, ...unsigned(left)],
    ...[...place, 0x25, ...unsigned(table), 0xd1, 0x04, EMPTY, 0x0f, 0x0b],
    ...[...place, 0x11, ...unsigned(type), ...unsigned(table), 0x0b],
  ];
}

const sized = (bytes: number[]): number[] => [...unsigned(bytes.length), ...bytes];

/** A positive number where one may be negative: its highest bit must not be set. */
function signed(value: number): number[] {
  const bytes = unsigned(value);
  const last = bytes.pop() ?? 0;
  return last & 0x40 ? [...bytes, last | 0x80, 0] : [...bytes, last];
}

/** Adds one entry to the list of a section, which is made if there is none. */
function append(parts: Part[], id: number, entry: number[]): void {
  let part = parts.find((one) => one.id === id);
  if (!part) {
    part = { id, chunks: [Uint8Array.of(0)] };
    const after = parts.findIndex((one) => one.id !== 0 && ORDER.indexOf(one.id) > ORDER.indexOf(id));
    parts.splice(after < 0 ? parts.length : after, 0, part);
  }
  const [first = Uint8Array.of(0), ...rest] = part.chunks;
  const { value, next } = readUnsigned(first, 0);
  const count = Uint8Array.from(unsigned(value + 1));
  part.chunks = [count, first.subarray(next), ...rest, Uint8Array.from(entry)];
}

function joined(wasm: Uint8Array, parts: readonly Part[]): Uint8Array<ArrayBuffer> {
  const chunks = parts.flatMap(({ id, chunks: body }) => {
    const length = body.reduce((sum, chunk) => sum + chunk.length, 0);
    return [Uint8Array.of(id, ...unsigned(length)), ...body];
  });
  chunks.unshift(wasm.subarray(0, HEADER_BYTES));
  const out = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    out.set(chunk, at);
    at += chunk.length;
  }
  return out;
}
