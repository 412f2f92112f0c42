import { digest } from 'lib0/hash/sha256';
import { replayErrors } from '../lib/texts/replay-errors';
import { ReplayError } from './replay';
import { Zip, type ZipFile } from './zip';

const MANIFEST = 'manifest.json';
export const TIMELINE = 'timeline.jsonl';
const PRIVATE = 'private/';
const PRIVATE_TIMELINE = `${PRIVATE}${TIMELINE}`;

/** The newest format of a bundle that this client reads. */
const FORMAT = 1;
const MAX_MANIFEST = 1 << 20;

/** What of a bundle is needed for a replay. */
export interface BundleParts {
  timeline: Uint8Array;
  /** Interviewers' own lines; null: they were left out. */
  hidden: Uint8Array | null;
}

/**
 * readBundle opens an exported zip. Every file is compared with its hash in the manifest before
 * anything is used. The folder private/ may be missing as a whole: whoever passes a bundle on may
 * take it out.
 */
export async function readBundle(blob: Blob, progress?: (done: number) => void): Promise<BundleParts> {
  const zip = await Zip.open(blob);
  const hashes = await readManifest(zip);
  for (const name of zip.files.keys())
    if (name !== MANIFEST && !hashes.has(name)) throw new ReplayError('changed', replayErrors.changed(name));
  const hasPrivate = [...zip.files.keys()].some((name) => name.startsWith(PRIVATE));
  const parts = new Map<string, Uint8Array>();
  let done = 0;
  for (const [name, hash] of hashes) {
    const file = zip.files.get(name);
    if (!file && name.startsWith(PRIVATE) && !hasPrivate) continue;
    const bytes = file && (await checked(zip, file, hash));
    if (!bytes) throw new ReplayError('changed', replayErrors.changed(name));
    if (name === TIMELINE || name === PRIVATE_TIMELINE) parts.set(name, bytes);
    done += 1;
    progress?.(done / hashes.size);
  }
  const timeline = parts.get(TIMELINE);
  if (!timeline) throw new ReplayError('nothing_recorded', replayErrors.nothingRecorded);
  return { timeline, hidden: parts.get(PRIVATE_TIMELINE) ?? null };
}

async function checked(zip: Zip, file: ZipFile, hash: string): Promise<Uint8Array | null> {
  const bytes = await zip.read(file);
  return (await sha256(bytes)) === hash ? bytes : null;
}

async function readManifest(zip: Zip): Promise<Map<string, string>> {
  const file = zip.files.get(MANIFEST);
  if (!file) throw new ReplayError('not_a_bundle', replayErrors.noManifest);
  if (file.size > MAX_MANIFEST) throw new ReplayError('too_large', replayErrors.tooLarge);
  const broken = new ReplayError('broken', replayErrors.broken);
  let manifest: unknown;
  try {
    manifest = JSON.parse(new TextDecoder().decode(await zip.read(file)));
  } catch (error) {
    throw error instanceof ReplayError ? error : broken;
  }
  const { format, files } = (typeof manifest === 'object' && manifest !== null ? manifest : {}) as Record<
    string,
    unknown
  >;
  if (typeof format !== 'number') throw broken;
  if (format > FORMAT) throw new ReplayError('newer', replayErrors.newer);
  if (format !== FORMAT || typeof files !== 'object' || files === null) throw broken;
  const hashes = Object.entries(files);
  if (!hashes.every((entry): entry is [string, string] => typeof entry[1] === 'string')) throw broken;
  return new Map(hashes.map(([name, hash]) => [name, hash.toLowerCase()]));
}

/** Browsers have no hashing of their own on plain HTTP. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  const subtle = (globalThis.crypto as Crypto | undefined)?.subtle as SubtleCrypto | undefined;
  const hash = subtle
    ? new Uint8Array(await subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>))
    : digest(bytes);
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
