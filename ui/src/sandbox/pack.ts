/** unpack reads what runtimes/pack.mjs wrote: named files in one. The result shares its memory. */
export function unpack(data: ArrayBuffer): Map<string, Uint8Array<ArrayBuffer>> {
  const length = new DataView(data).getUint32(0, true);
  const index = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, length))) as Record<
    string,
    [number, number]
  >;
  const base = 4 + length;
  return new Map(
    Object.entries(index).map(([name, [offset, size]]) => [name, new Uint8Array(data, base + offset, size)]),
  );
}
