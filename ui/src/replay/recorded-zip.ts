// For tests: writes zips, honest ones and others.
import { createHash } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';

export interface Packed {
  name: string;
  data: Uint8Array;
  /** What the list of files says instead of the truth. */
  declared?: number;
  flags?: number;
  /** Where the list says that it lies. */
  offset?: number;
}

const text = (value: string) => new TextEncoder().encode(value);

export function zipOf(files: readonly Packed[]): Blob {
  const parts: Buffer[] = [];
  const central: Buffer[] = [];
  let at = 0;
  for (const { name, data, declared, flags, offset } of files) {
    const [packed, named] = [deflateRawSync(data), Buffer.from(name)];
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(8, 8);
    local.writeUInt16LE(named.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(flags ?? 0, 8);
    entry.writeUInt16LE(8, 10);
    entry.writeUInt32LE(packed.length, 20);
    entry.writeUInt32LE(declared ?? data.length, 24);
    entry.writeUInt16LE(named.length, 28);
    entry.writeUInt32LE(offset ?? at, 42);
    parts.push(local, named, packed);
    central.push(entry, named);
    at += local.length + named.length + packed.length;
  }
  const list = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(list.length, 12);
  end.writeUInt32LE(at, 16);
  return new Blob([Buffer.concat([...parts, list, end])]);
}

/** The files of a bundle, with a manifest that is true unless fields say else. */
export function bundleFiles(
  files: Readonly<Record<string, Uint8Array | string>>,
  fields: Record<string, unknown> = {},
): Packed[] {
  const packed = Object.entries(files).map(([name, data]) => ({
    name,
    data: typeof data === 'string' ? text(data) : data,
  }));
  const hashes = packed.map(({ name, data }) => [name, createHash('sha256').update(data).digest('hex')]);
  const manifest = JSON.stringify({ format: 1, files: Object.fromEntries(hashes) as unknown, ...fields });
  return [...packed, { name: 'manifest.json', data: text(manifest) }];
}
