import { parse } from 'acorn';
import type { Program } from './protocol';

/** What acorn calls the places that name another module. */
interface Sourced {
  type: string;
  source?: { type: string; value?: unknown; start: number; end: number } | null;
}

/**
 * linkModules makes an address of the program, and of each file of the session that it imports: the sandbox can load
 * nothing but what it has made itself. Whatever cannot be linked is left for the browser to complain about.
 */
export function linkModules(program: Program): string {
  const made = new Map<string, string>();
  const link = (name: string, code: string, path: readonly string[]): string => {
    const source = rewrite(code, (specifier) => {
      const found = resolve(program.files, specifier);
      if (!found) return null;
      // Modules that need each other would need each other's address first.
      if (path.includes(found))
        throw new SyntaxError(`${name} and ${found} import each other: not possible here`);
      const known = made.get(found);
      if (known) return known;
      const url = link(found, program.files[found] ?? '', [...path, found]);
      made.set(found, url);
      return url;
    });
    return URL.createObjectURL(new Blob([`${source}\n//# sourceURL=${name}`], { type: 'text/javascript' }));
  };
  return link(program.fileName, program.code, [program.fileName]);
}

/** Imports may leave the ending out, or name the .js that becomes of a .ts. */
function resolve(files: Record<string, string>, specifier: string): string | null {
  if (!specifier.startsWith('./')) return null;
  const name = specifier.slice(2);
  const candidates = [name, `${name}.js`, `${name}.mjs`, `${name}.ts`, name.replace(/\.js$/, '.ts')];
  return candidates.find((candidate) => Object.hasOwn(files, candidate)) ?? null;
}

function rewrite(code: string, addressOf: (specifier: string) => string | null): string {
  const edits: { start: number; end: number; text: string }[] = [];
  for (const { source } of importsOf(code)) {
    if (typeof source?.value !== 'string') continue;
    const url = addressOf(source.value);
    if (url) edits.push({ start: source.start, end: source.end, text: JSON.stringify(url) });
  }
  let out = code;
  for (const { start, end, text } of edits.reverse()) out = out.slice(0, start) + text + out.slice(end);
  return out;
}

function importsOf(code: string): Sourced[] {
  if (!/\b(im|ex)port\b/.test(code)) return [];
  try {
    const tree = parse(code, { ecmaVersion: 'latest', sourceType: 'module' });
    return tree.body as unknown as Sourced[];
  } catch {
    // The browser says what is wrong with it.
    return [];
  }
}
