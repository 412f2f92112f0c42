import { readUnsigned, skipNumber } from './wasm-bytes';

/** What a walk through a function's instructions tells. */
export interface Found {
  /** Where the body of each loop begins. */
  loops: number[];
  /** Whether it calls anything. */
  calls: boolean;
}

/**
 * walkCode finds the loops among the instructions from start to end. null: an instruction is not
 * known here, or is cut.
 */
export function walkCode(wasm: Uint8Array, start: number, end: number): Found | null {
  const found: Found = { loops: [], calls: false };
  let at = start;
  while (at < end) {
    const opcode = wasm[at] ?? 0;
    const next = pastOperands(wasm, opcode, at + 1);
    if (next < 0) return null;
    if (opcode === LOOP) found.loops.push(next);
    if (opcode >= CALL && opcode <= RETURN_CALL_REF) found.calls = true;
    at = next;
  }
  return at === end ? found : null;
}

const LOOP = 0x03;
const CALL = 0x10;
const RETURN_CALL_REF = 0x15;

/** References to types stand as two parts: this one or the next, and the type. */
const REF = 0x63;

/** pastType goes past the type of a value, or of a block. */
export function pastType(wasm: Uint8Array, at: number): number {
  const byte = wasm[at] ?? 0;
  return skipNumber(wasm, byte === REF || byte === REF + 1 ? at + 1 : at);
}

type Skip = (wasm: Uint8Array, at: number) => number;

const numbers =
  (count: number): Skip =>
  (wasm, at) => {
    for (let i = 0; i < count; i++) at = skipNumber(wasm, at);
    return at;
  };

const bytes =
  (count: number): Skip =>
  (_wasm, at) =>
    at + count;

/** A list: how many there are, and then each. */
const list =
  (one: Skip): Skip =>
  (wasm, at) => {
    const count = readUnsigned(wasm, at);
    at = count.next;
    for (let i = 0; i < count.value && at < wasm.length; i++) at = one(wasm, at);
    return at;
  };

/** Alignment, perhaps the number of a memory, and an offset. */
const address: Skip = (wasm, at) => {
  const { value, next } = readUnsigned(wasm, at);
  return skipNumber(wasm, value & 0x40 ? skipNumber(wasm, next) : next);
};

const caught: Skip = (wasm, at) => numbers((wasm[at] ?? 0) < 2 ? 2 : 1)(wasm, at + 1);

/** Operands by opcode: first and last opcode of a range, and how to pass what follows. */
const OPERANDS: [first: number, last: number, skip: Skip][] = [
  [0x00, 0x01, bytes(0)],
  [0x02, 0x04, pastType],
  [0x05, 0x05, bytes(0)],
  [0x06, 0x06, pastType],
  [0x07, 0x09, numbers(1)],
  [0x0a, 0x0b, bytes(0)],
  [0x0c, 0x0d, numbers(1)],
  [0x0e, 0x0e, (wasm, at) => skipNumber(wasm, list(skipNumber)(wasm, at))],
  [0x0f, 0x0f, bytes(0)],
  [0x10, 0x10, numbers(1)],
  [0x11, 0x11, numbers(2)],
  [0x12, 0x12, numbers(1)],
  [0x13, 0x13, numbers(2)],
  [0x14, 0x15, numbers(1)],
  [0x18, 0x18, numbers(1)],
  [0x19, 0x1b, bytes(0)],
  [0x1c, 0x1c, list(pastType)],
  [0x1f, 0x1f, (wasm, at) => list(caught)(wasm, pastType(wasm, at))],
  [0x20, 0x26, numbers(1)],
  [0x28, 0x3e, address],
  [0x3f, 0x42, numbers(1)],
  [0x43, 0x43, bytes(4)],
  [0x44, 0x44, bytes(8)],
  [0x45, 0xc4, bytes(0)],
  [0xd0, 0xd0, numbers(1)],
  [0xd1, 0xd1, bytes(0)],
  [0xd2, 0xd2, numbers(1)],
  [0xd3, 0xd4, bytes(0)],
  [0xd5, 0xd6, numbers(1)],
];

/** Bulk memory and tables, vectors, and atomic instructions: a byte, and a number of their own. */
const PREFIXED: Record<number, [first: number, last: number, skip: Skip][]> = {
  0xfc: [
    [0, 7, bytes(0)],
    [8, 8, numbers(2)],
    [9, 9, numbers(1)],
    [10, 10, numbers(2)],
    [11, 11, numbers(1)],
    [12, 12, numbers(2)],
    [13, 13, numbers(1)],
    [14, 14, numbers(2)],
    [15, 17, numbers(1)],
  ],
  0xfd: [
    [0, 11, address],
    [12, 13, bytes(16)],
    [14, 20, bytes(0)],
    [21, 34, bytes(1)],
    [35, 83, bytes(0)],
    [84, 91, (wasm, at) => address(wasm, at) + 1],
    [92, 93, address],
    [94, 0x113, bytes(0)],
  ],
  0xfe: [
    [0, 2, address],
    [3, 3, bytes(1)],
    [0x10, 0x4e, address],
  ],
};

const skipOf = (table: [number, number, Skip][], code: number): Skip | undefined =>
  table.find(([first, last]) => code >= first && code <= last)?.[2];

const BY_OPCODE = Array.from({ length: 256 }, (_, opcode) => skipOf(OPERANDS, opcode));

/** Gives where the next instruction begins; −1: this one is not known. */
function pastOperands(wasm: Uint8Array, opcode: number, at: number): number {
  const plain = BY_OPCODE[opcode];
  if (plain) return plain(wasm, at);
  const table = PREFIXED[opcode];
  if (!table) return -1;
  const { value, next } = readUnsigned(wasm, at);
  return skipOf(table, value)?.(wasm, next) ?? -1;
}
