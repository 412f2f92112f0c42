/**
 * pack puts named files into one: a 32-bit length (little endian), an index in JSON ({name:
 * [offset, length]}, offsets from the end of the index), then the bytes. src/sandbox/pack.ts reads
 * it.
 *
 * @param {Record<string, Uint8Array>} files
 * @returns {Buffer}
 */
export function pack(files) {
  /** @type {Record<string, [number, number]>} */
  const index = {};
  let offset = 0;
  for (const [name, bytes] of Object.entries(files)) {
    index[name] = [offset, bytes.length];
    offset += bytes.length;
  }
  const head = Buffer.from(JSON.stringify(index));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(head.length);
  return Buffer.concat([length, head, ...Object.values(files)]);
}
