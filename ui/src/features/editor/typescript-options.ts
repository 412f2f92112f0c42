/**
 * TypeScript's ModuleResolutionKind.Bundler: './other', './other.js' and './other.ts' are all
 * found.
 */
const BUNDLER = 100;
/** TypeScript's ScriptTarget.ESNext and ModuleKind.ESNext. */
const ESNEXT = 99;

/**
 * compilerOptions is what programs are checked and translated by. They are modules that run in a
 * worker with a console and prompt(), so its names and those of the language are known.
 *
 * Source: the compiler takes names of library files here, not the short names of tsconfig.json, and
 * drops the short ones silently. Set once: each change makes the compiler start anew, with all its
 * libraries.
 */
export function compilerOptions(allowJs: boolean) {
  return {
    target: ESNEXT,
    module: ESNEXT,
    moduleDetection: 3,
    allowNonTsExtensions: true,
    allowJs,
    lib: ['lib.esnext.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts', 'lib.dom.asynciterable.d.ts'],
    // For running.
    sourceMap: true,
    strict: true,
    moduleResolution: BUNDLER,
    allowImportingTsExtensions: true,
  };
}
