import type { FrameToPage } from './protocol';

/** Picture is a file that a program has left, ready to be shown. */
export type Picture = Omit<Extract<FrameToPage, { type: 'picture' }>, 'type'>;

/** What is shown, by ending. */
export const PICTURE_TYPES: Record<string, string> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  svg: 'image/svg+xml',
};

function typeOf(name: string): string | undefined {
  return PICTURE_TYPES[/\.(\w+)$/.exec(name)?.[1]?.toLowerCase() ?? ''];
}

/** isPicture tells by its name whether a file would be shown. */
export function isPicture(name: string): boolean {
  return typeOf(name) !== undefined;
}

/** Most bytes of all pictures of a run. They are kept in the shared document. */
export const MAX_PICTURE_BYTES = 160 * 1024;
export const MAX_PICTURES = 8;

/** Left is the content of a program's directory after its end. */
export type Left = Iterable<readonly [name: string, bytes: Uint8Array]>;

/**
 * picturesAmong picks the pictures that a program has made: new files with the ending of a picture.
 * tooLarge names those that are too large.
 */
export function picturesAmong(
  left: Left,
  before: Readonly<Record<string, string>>,
): { pictures: Picture[]; tooLarge: string[] } {
  const pictures: Picture[] = [];
  const tooLarge: string[] = [];
  let room = MAX_PICTURE_BYTES;
  const byName = [...left].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [name, bytes] of byName) {
    const mime = typeOf(name);
    const was = Object.hasOwn(before, name) ? before[name] : undefined;
    if (!mime || bytes.length === 0 || was === new TextDecoder().decode(bytes)) continue;
    if (bytes.length > room || pictures.length >= MAX_PICTURES) {
      tooLarge.push(name);
      continue;
    }
    room -= bytes.length;
    pictures.push({ name, mime, data: base64(bytes) });
  }
  return { pictures, tooLarge };
}

function base64(bytes: Uint8Array): string {
  const STEP = 0x8000;
  let text = '';
  for (let at = 0; at < bytes.length; at += STEP)
    text += String.fromCharCode(...bytes.subarray(at, at + STEP));
  return btoa(text);
}
