const HASH = /^#t=(\d{1,7})(?:\.\d+)?$/;

/** momentOfHash reads "#t=724", in seconds; null where there is none. */
export function momentOfHash(hash: string): number | null {
  const found = HASH.exec(hash);
  return found ? Number(found[1]) * 1000 : null;
}

/** momentLinked says whether the address of this page leads to a moment of a replay. */
export function momentLinked(): boolean {
  return momentOfHash(location.hash) !== null;
}

/** momentLink is the address of this page at a moment. */
export function momentLink(href: string, at: number): string {
  return `${href.replace(/#.*$/, '')}#t=${Math.floor(at / 1000)}`;
}
