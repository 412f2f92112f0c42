const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

const VALUES = new Uint8Array(128).fill(255);
for (let at = 0; at < LETTERS.length; at += 1) VALUES[LETTERS.charCodeAt(at)] = at;

/** fromBase64 decodes; null when the text is not base64. */
export function fromBase64(text: string): Uint8Array | null {
  let end = text.length;
  while (end > 0 && text.length - end < 2 && text.charCodeAt(end - 1) === 61) end -= 1;
  if (end % 4 === 1) return null;
  const bytes = new Uint8Array(Math.floor((end * 3) / 4));
  let held = 0;
  let bits = 0;
  let to = 0;
  for (let at = 0; at < end; at += 1) {
    const code = text.charCodeAt(at);
    const value = code < 128 ? (VALUES[code] ?? 255) : 255;
    if (value === 255) return null;
    held = ((held << 6) | value) & 0xfffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[to] = (held >> bits) & 255;
    to += 1;
  }
  return bytes;
}
