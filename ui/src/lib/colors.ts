/**
 * Colours that people choose from: those that the server gives to whoever leaves the choice to it,
 * so that none is nearly another's. Each reads well on the dark editor.
 */
export const PERSON_COLORS = [
  '#4f8ff7',
  '#e5734a',
  '#3fa66b',
  '#b46be0',
  '#d9a017',
  '#e0559a',
  '#1fa3b5',
  '#8a8f3c',
  '#d0524f',
  '#7a7fe6',
] as const;

/** pickedColor gives a remembered colour if it is one of ours, else "": the server chooses. */
export function pickedColor(remembered: string): string {
  return PERSON_COLORS.find((color) => color === remembered) ?? '';
}

const HEX = /^#[0-9a-f]{6}$/i;

/**
 * safeColor gives the colour if it is a plain #rrggbb, else one of ours picked by the seed. What it
 * returns may be written into a style sheet.
 */
export function safeColor(color: unknown, seed: string | number): string {
  if (typeof color === 'string' && HEX.test(color)) return color.toLowerCase();
  let hash = 0;
  for (const char of String(seed)) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) >>> 0;
  return PERSON_COLORS[hash % PERSON_COLORS.length] ?? PERSON_COLORS[0];
}

/**
 * inkOn says whether dark or light text is easier to read on a #rrggbb background (WCAG luminance).
 */
export function inkOn(background: string): '#0b0c10' | '#ffffff' {
  const channel = (at: number) => {
    const value = parseInt(background.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  const luminance = 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
  return luminance > 0.18 ? '#0b0c10' : '#ffffff';
}
