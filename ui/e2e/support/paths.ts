import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

const top = resolve(import.meta.dirname, '../../..');

/** The program under test, as `make build` leaves it. */
export const binary = process.env.PARLEY_BIN ?? join(top, 'bin/parley');

/** The provider of the tests of sign-in, see provider/main.go. */
export const providerBinary = process.env.PARLEY_PROVIDER ?? join(top, 'bin/oidc-provider');

/** Screenshots and server logs; git-ignored. */
export const outDir = resolve(import.meta.dirname, '../out');

/** Finds Chromium: PARLEY_CHROMIUM, else the program of that name on PATH. */
export const chromiumPath = () => find('PARLEY_CHROMIUM', 'chromium');

/** Finds Firefox: PARLEY_FIREFOX, else the program of Debian's or of anybody's name on PATH. */
export const firefoxPath = () => find('PARLEY_FIREFOX', 'firefox-esr', 'firefox');

/** Finds WebKit's driver: PARLEY_WEBKITDRIVER, else the program of that name on PATH. */
export const webkitDriverPath = () => find('PARLEY_WEBKITDRIVER', 'WebKitWebDriver');

function find(variable: string, ...names: string[]): string {
  const named = process.env[variable];
  if (named) return named;
  const places = ['/usr/bin', ...(process.env.PATH ?? '').split(delimiter)];
  const found = names
    .flatMap((name) => places.map((dir) => join(dir, name)))
    .find((path) => existsSync(path));
  if (!found) throw new Error(`no ${names[0]} on PATH; install it or set ${variable}`);
  return found;
}

/** Finds the small browser that comes with WebKitGTK. Distributions keep it off PATH. */
export function miniBrowserPath(): string {
  const named = process.env.PARLEY_MINIBROWSER;
  if (named) return named;
  const libraries = [...subdirectories('/usr/lib'), '/usr/lib', '/usr/libexec'];
  const names = ['webkit2gtk-4.1', 'webkitgtk-6.0', 'webkit2gtk-4.0'];
  const found = libraries
    .flatMap((dir) => names.map((name) => join(dir, name, 'MiniBrowser')))
    .find((path) => existsSync(path));
  if (found) return found;
  throw new Error('no MiniBrowser of WebKitGTK; install webkit2gtk-driver or set PARLEY_MINIBROWSER');
}

function subdirectories(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name.endsWith('-linux-gnu'))
    .map(({ name }) => join(dir, name));
}
