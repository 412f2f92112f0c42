import { existsSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

const top = resolve(import.meta.dirname, '../../..');

/** The program under test, as `make build` leaves it. */
export const binary = process.env.PARLEY_BIN ?? join(top, 'bin/parley');

/** Screenshots and server logs; git-ignored. */
export const outDir = resolve(import.meta.dirname, '../out');

/** Finds Chromium: PARLEY_CHROMIUM, else the program of that name on PATH. */
export function chromiumPath(): string {
  const named = process.env.PARLEY_CHROMIUM;
  if (named) return named;
  const places = ['/usr/bin', ...(process.env.PATH ?? '').split(delimiter)];
  const found = places.map((dir) => join(dir, 'chromium')).find((path) => existsSync(path));
  if (!found) throw new Error('no chromium on PATH; install it or set PARLEY_CHROMIUM');
  return found;
}
