/** Colours that people choose from; each reads well on the dark editor and under dark text. */
export const PERSON_COLORS = [
  '#7c9cff',
  '#4fd1c5',
  '#f6ad55',
  '#f687b3',
  '#b794f4',
  '#68d391',
  '#f6e05e',
  '#fc8181',
] as const;

const HEX = /^#[0-9a-f]{6}$/i;

/**
 * safeColor gives the colour if it is a plain #rrggbb, else one of ours picked by the seed. What it returns
 * may be written into a style sheet.
 */
export function safeColor(color: unknown, seed: string | number): string {
  if (typeof color === 'string' && HEX.test(color)) return color.toLowerCase();
  let hash = 0;
  for (const char of String(seed)) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) >>> 0;
  return PERSON_COLORS[hash % PERSON_COLORS.length] ?? PERSON_COLORS[0];
}

/** inkOn says whether dark or light text is easier to read on a #rrggbb background (WCAG luminance). */
export function inkOn(background: string): '#0b0c10' | '#ffffff' {
  const channel = (at: number) => {
    const value = parseInt(background.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  const luminance = 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
  return luminance > 0.18 ? '#0b0c10' : '#ffffff';
}
