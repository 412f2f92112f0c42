/** clientOf gives the client id under which an entry of a map or a list was written. */
export function clientOf(entry: { _item: { id: { client: number } } | null }): number {
  return entry._item?.id.client ?? 0;
}

/**
 * fairShare chooses at most `most` entries. Where there are more, those of clients that wrote few
 * come first: nobody pushes the entries of others out by writing thousands. The order stays.
 */
export function fairShare<T>(entries: readonly T[], most: number, clientAt: (entry: T) => number): T[] {
  if (entries.length <= most) return [...entries];
  const counts = new Map<number, number>();
  for (const entry of entries) counts.set(clientAt(entry), (counts.get(clientAt(entry)) ?? 0) + 1);
  const count = (entry: T) => counts.get(clientAt(entry)) ?? 0;
  const chosen = new Set([...entries].sort((a, b) => count(a) - count(b)).slice(0, most));
  return entries.filter((entry) => chosen.has(entry));
}
