import { replayErrors } from '../lib/texts/replay-errors';
import { ReplayError } from './replay';

/** What a zip may hold. A session's export has some dozens of files. */
const MAX_FILES = 2_000;
const MAX_ZIP_BYTES = 512 << 20;
const MAX_BYTES = 768 << 20;
const MAX_FILE_BYTES = 512 << 20;

/** Past this size a file may not be compressed by more than this. */
const RATIO_FROM = 16 << 20;
const MAX_RATIO = 250;

const END = 0x0605_4b50;
const CENTRAL = 0x0201_4b50;
const LOCAL = 0x0403_4b50;
const END_BYTES = 22;
const CENTRAL_BYTES = 46;
const LOCAL_BYTES = 30;

/** Above this everything is a place holder for 64 bits, which no export needs. */
const ZIP64 = 0xffff_ffff;

export interface ZipFile {
  name: string;
  /** In bytes, as declared; what comes out has to agree. */
  size: number;
  packed: number;
  method: number;
  offset: number;
}

const broken = () => new ReplayError('broken', replayErrors.cut);
const odd = (why: string) => new ReplayError('broken', why);
const notOne = () => new ReplayError('not_a_bundle', replayErrors.notABundle);
const tooLarge = () => new ReplayError('too_large', replayErrors.tooLarge);

/** Zip reads a zip within bounds. Nothing is unpacked before its declared sizes were added up. */
export class Zip {
  readonly files: ReadonlyMap<string, ZipFile>;
  readonly #blob: Blob;

  private constructor(blob: Blob, files: ReadonlyMap<string, ZipFile>) {
    this.#blob = blob;
    this.files = files;
  }

  static async open(blob: Blob): Promise<Zip> {
    if (blob.size > MAX_ZIP_BYTES) throw tooLarge();
    const start = await bytesOf(blob.slice(0, 4));
    if (start.length < 4 || viewOf(start).getUint16(0, true) !== 0x4b50) throw notOne();
    const { count, size, offset, at } = await readEnd(blob);
    if (count > MAX_FILES) throw tooLarge();
    if (offset === ZIP64 || offset + size > at) throw broken();
    const files = readCentral(await bytesOf(blob.slice(offset, offset + size)), count);
    checkSizes(files, offset);
    const byName = new Map(files.map((file) => [file.name, file]));
    if (byName.size !== files.length) throw odd(replayErrors.paths);
    return new Zip(blob, byName);
  }

  async read(file: ZipFile): Promise<Uint8Array> {
    const head = viewOf(await bytesOf(this.#blob.slice(file.offset, file.offset + LOCAL_BYTES)));
    if (head.byteLength < LOCAL_BYTES || head.getUint32(0, true) !== LOCAL) throw broken();
    const from = file.offset + LOCAL_BYTES + head.getUint16(26, true) + head.getUint16(28, true);
    const packed = this.#blob.slice(from, from + file.packed);
    if (packed.size !== file.packed) throw broken();
    if (file.method === 8) return inflate(packed, file.size);
    if (file.size !== file.packed) throw broken();
    return bytesOf(packed);
  }
}

async function bytesOf(blob: Blob): Promise<Uint8Array> {
  return new Uint8Array(await blob.arrayBuffer());
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The end of a zip says where its list of files stands; a comment may follow. */
async function readEnd(blob: Blob) {
  const from = Math.max(0, blob.size - END_BYTES - 0xffff);
  const view = viewOf(await bytesOf(blob.slice(from)));
  for (let at = view.byteLength - END_BYTES; at >= 0; at -= 1) {
    if (view.getUint32(at, true) !== END) continue;
    if (at + END_BYTES + view.getUint16(at + 20, true) !== view.byteLength) continue;
    return {
      count: view.getUint16(at + 10, true),
      size: view.getUint32(at + 12, true),
      offset: view.getUint32(at + 16, true),
      at: from + at,
    };
  }
  throw broken();
}

function readCentral(bytes: Uint8Array, count: number): ZipFile[] {
  const view = viewOf(bytes);
  const files: ZipFile[] = [];
  let at = 0;
  for (let index = 0; index < count; index += 1) {
    if (at + CENTRAL_BYTES > view.byteLength || view.getUint32(at, true) !== CENTRAL) throw broken();
    const [nameBytes, extra, comment] = [28, 30, 32].map((field) => view.getUint16(at + field, true));
    const end = at + CENTRAL_BYTES + (nameBytes ?? 0);
    if (end > view.byteLength) throw broken();
    const name = nameIn(bytes.subarray(at + CENTRAL_BYTES, end));
    const isEncrypted = (view.getUint16(at + 8, true) & 1) !== 0;
    const method = view.getUint16(at + 10, true);
    if (isEncrypted || (method !== 0 && method !== 8)) throw odd(replayErrors.odd);
    const file = {
      name,
      method,
      packed: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      offset: view.getUint32(at + 42, true),
    };
    if (!name.endsWith('/')) files.push(file);
    at = end + (extra ?? 0) + (comment ?? 0);
  }
  return files;
}

/** Names are keys here and never paths, but an honest export has none of these. */
function nameIn(bytes: Uint8Array): string {
  let name: string;
  try {
    name = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw odd(replayErrors.paths);
  }
  const parts = name.replace(/\/$/, '').split('/');
  const strange = parts.some((part) => part === '' || part === '.' || part === '..');
  if (strange || /[\\\p{Cc}]/u.test(name) || /^[A-Za-z]:/.test(name) || name.length > 500)
    throw odd(replayErrors.paths);
  return name;
}

/** Files that lie over each other are how a small zip becomes endless. */
function checkSizes(files: readonly ZipFile[], end: number): void {
  let total = 0;
  let last = 0;
  for (const file of [...files].sort((a, b) => a.offset - b.offset)) {
    if (file.offset < last) throw odd(replayErrors.odd);
    if (file.offset + LOCAL_BYTES + file.packed > end) throw broken();
    last = file.offset + LOCAL_BYTES + file.packed;
    total += file.size;
    if (file.size > MAX_FILE_BYTES || total > MAX_BYTES) throw tooLarge();
    if (file.size > RATIO_FROM && file.size > file.packed * MAX_RATIO) throw tooLarge();
  }
}

/** Stops as soon as more comes out than was declared. */
async function inflate(packed: Blob, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(size);
  let at = 0;
  try {
    const reader = packed.stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if (at + value.length > size) {
        await reader.cancel();
        throw odd(replayErrors.odd);
      }
      bytes.set(value, at);
      at += value.length;
    }
  } catch (error) {
    throw error instanceof ReplayError ? error : broken();
  }
  if (at !== size) throw broken();
  return bytes;
}
