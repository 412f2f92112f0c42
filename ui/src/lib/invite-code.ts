/** Invite codes: 12 characters of Crockford base32, shown as xxxx-xxxx-xxxx. */
const LENGTH = 12;
const ALPHABET = /^[0-9a-hjkmnp-tv-z]{12}$/;

/** What people paste: a code in any case with or without hyphens, or a link that ends in one. */
export type PastedInvite = { kind: 'invite'; code: string } | { kind: 'session'; id: string } | null;

/**
 * parseCode reads a code as Crockford meant it: case and separators do not matter, O is 0, I and L
 * are 1. Gives the canonical xxxx-xxxx-xxxx, or null.
 */
export function parseCode(text: string): string | null {
  const plain = text
    .trim()
    .toLowerCase()
    .replace(/[\s\-–—_]/g, '')
    .replace(/o/g, '0')
    .replace(/[il]/g, '1');
  if (plain.length !== LENGTH || !ALPHABET.test(plain)) return null;
  return `${plain.slice(0, 4)}-${plain.slice(4, 8)}-${plain.slice(8)}`;
}

/**
 * parsePasted reads what a person typed or pasted into "join". A link may be to any host: the code
 * counts.
 */
export function parsePasted(text: string): PastedInvite {
  const link = /\/(j|s)\/([^/?#\s]+)/.exec(text);
  if (link?.[1] === 's' && /^[A-Za-z0-9_-]{1,64}$/.test(link[2] ?? ''))
    return { kind: 'session', id: link[2] ?? '' };
  const code = parseCode(link?.[2] ?? text);
  return code ? { kind: 'invite', code } : null;
}
