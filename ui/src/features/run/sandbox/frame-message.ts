import { MAX_PICTURE_BYTES, PICTURE_TYPES } from '../../../sandbox/pictures';
import type { FrameToPage, OutputChunk } from '../../../sandbox/protocol';
import { cleanFileName } from '../../../lib/file-names';

export type FrameMessage = FrameToPage;

/** One message may carry this much output, in UTF-16 units; more of it is cut. */
const MAX_UNITS = 512 * 1024;

/**
 * readFrameMessage keeps the well-formed parts of a message from the sandbox, which counts as
 * hostile. null: an unknown message.
 */
export function readFrameMessage(data: unknown): FrameMessage | null {
  if (typeof data !== 'object' || data === null) return null;
  const message = data as Record<string, unknown>;
  switch (message.type) {
    case 'hello':
      return { type: 'hello', isolated: message.isolated === true };
    case 'started':
    case 'killed':
    case 'pong':
    case 'input':
    case 'compiling':
    case 'compiled':
      return { type: message.type };
    case 'output':
      return { type: 'output', chunks: readChunks(message.chunks) };
    case 'picture':
      return readPicture(message);
    case 'done':
      return { type: 'done', ok: message.ok === true, exitCode: readExitCode(message.exitCode) };
    default:
      return null;
  }
}

const MIMES = new Set(Object.values(PICTURE_TYPES));
/** Base64 has four characters for three bytes. */
const MAX_DATA = Math.ceil(MAX_PICTURE_BYTES / 3) * 4;

function readPicture({ name, mime, data }: Record<string, unknown>): FrameMessage | null {
  if (typeof name !== 'string' || typeof mime !== 'string' || typeof data !== 'string') return null;
  if (!MIMES.has(mime) || data.length > MAX_DATA || !/^[A-Za-z0-9+/]+={0,2}$/.test(data)) return null;
  return { type: 'picture', name: cleanFileName(name), mime, data };
}

function readChunks(value: unknown): OutputChunk[] {
  if (!Array.isArray(value)) return [];
  const chunks: OutputChunk[] = [];
  let left = MAX_UNITS;
  for (const item of value as unknown[]) {
    const { text, stream } = (typeof item === 'object' && item !== null ? item : {}) as Record<
      string,
      unknown
    >;
    if (typeof text !== 'string' || left <= 0) continue;
    const kept = text.slice(0, left);
    left -= kept.length;
    chunks.push({ text: kept, stream: stream === 'stderr' || stream === 'stdin' ? stream : 'stdout' });
  }
  return chunks;
}

/** Exit codes are a byte, or a signal's negative number. */
function readExitCode(value: unknown): number | undefined {
  return Number.isInteger(value) && Math.abs(Number(value)) < 2 ** 31 ? Number(value) : undefined;
}
