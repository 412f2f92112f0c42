/** The zones of the world, from the Go toolchain: files as operating systems have them, by name. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pack } from './pack.mjs';

/** @returns {import('./recipes.mjs').Source} */
export function zones() {
  const root = execFileSync('go', ['env', 'GOROOT'], { encoding: 'utf8' }).trim();
  const zip = readFileSync(join(root, 'lib/time/zoneinfo.zip'));
  return {
    name: 'zoneinfo.pack',
    key: `${zip.length} ${zip.readUInt32LE(LOCAL.crc)}`,
    make: (work) => Promise.resolve(writeFileSync(join(work, 'zoneinfo.pack'), pack(filesIn(zip)))),
  };
}

/** Offsets in the headers of a zip: of a file, and of its entry in the directory. */
const LOCAL = { crc: 14, name: 26, extra: 28, end: 30 };
const ENTRY = { mark: 0x02014b50, method: 10, size: 24, name: 28, extra: 30, comment: 32, at: 42, end: 46 };
/**
 * The end of the directory, without a comment: how many files there are, and where the directory
 * begins.
 */
const END = { length: 22, count: 10, at: 16 };

/**
 * Go keeps the files in its archive as they are.
 *
 * @param {Buffer} zip
 * @returns {Record<string, Uint8Array>}
 */
function filesIn(zip) {
  /** @type {Record<string, Uint8Array>} */
  const files = {};
  const end = zip.length - END.length;
  let at = zip.readUInt32LE(end + END.at);
  for (let left = zip.readUInt16LE(end + END.count); left > 0; left--) {
    if (zip.readUInt32LE(at) !== ENTRY.mark || zip.readUInt16LE(at + ENTRY.method) !== 0)
      throw new Error('zoneinfo.zip: not as Go writes it');
    const length = zip.readUInt16LE(at + ENTRY.name);
    const name = zip.toString('utf8', at + ENTRY.end, at + ENTRY.end + length);
    const local = zip.readUInt32LE(at + ENTRY.at);
    const start =
      local + LOCAL.end + zip.readUInt16LE(local + LOCAL.name) + zip.readUInt16LE(local + LOCAL.extra);
    if (!name.endsWith('/')) files[name] = zip.subarray(start, start + zip.readUInt32LE(at + ENTRY.size));
    at += ENTRY.end + length + zip.readUInt16LE(at + ENTRY.extra) + zip.readUInt16LE(at + ENTRY.comment);
  }
  return files;
}
