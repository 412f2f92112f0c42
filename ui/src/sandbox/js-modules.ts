import { parse, type Node } from 'acorn';
import type { Program } from './protocol';
import { moduleAddress } from './script-address';

/** Linked is a program ready to be imported: its address, and the files that belong to it. */
export interface Linked {
  url: string;
  /** Code by name of file, the program's own first. */
  sources: ReadonlyMap<string, string>;
}

/** A place in a module that names another one. */
interface Reference {
  specifier: string;
  /** Offsets of the text that names it, quotes included. */
  start: number;
  end: number;
}

/**
 * linkModules makes an address of the program, and of each file of the session that it imports: the
 * sandbox can load nothing but what it has made itself. It throws for what cannot be imported here,
 * and says where.
 */
export function linkModules(program: Pick<Program, 'fileName' | 'code' | 'files'>): Linked {
  const made = new Map<string, string>();
  const sources = new Map<string, string>();
  const link = (name: string, code: string, path: readonly string[]): string => {
    sources.set(name, code);
    const source = rewrite(code, (reference) => {
      const found = resolve(program.files, reference.specifier);
      if (!found) throw new LinkError(whyNot(reference.specifier), placeOf(name, code, reference.start));
      // Modules that need each other would need each other's address first.
      if (path.includes(found)) {
        const circle = `${name} and ${found} import each other, which is not possible here`;
        throw new LinkError(circle, placeOf(name, code, reference.start));
      }
      const known = made.get(found);
      if (known) return known;
      const url = link(found, program.files[found] ?? '', [...path, found]);
      made.set(found, url);
      return url;
    });
    return moduleAddress(`${source}\n//# sourceURL=${name}`);
  };
  const url = link(program.fileName, program.code, [program.fileName]);
  return { url, sources };
}

/**
 * LinkError says which import failed. Its stack is the place alone, as for any other error of a
 * program.
 */
export class LinkError extends Error {
  constructor(message: string, place: string) {
    super(message);
    this.stack = `Error: ${message}\n    at ${place}`;
  }
}

function whyNot(specifier: string): string {
  if (/^\.{0,2}\//.test(specifier)) return `Cannot find module '${specifier}' among the session's files`;
  return `Cannot find package '${specifier}': only the session's files can be imported, as './name.js'`;
}

function placeOf(name: string, code: string, offset: number): string {
  const before = code.slice(0, offset).split('\n');
  return `${name}:${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}

/** Imports may leave the ending out, or name the .js that becomes of a .ts. */
function resolve(files: Record<string, string>, specifier: string): string | null {
  if (!specifier.startsWith('./')) return null;
  const name = specifier.slice(2);
  const candidates = [name, `${name}.js`, `${name}.mjs`, `${name}.ts`, name.replace(/\.js$/, '.ts')];
  return candidates.find((candidate) => Object.hasOwn(files, candidate)) ?? null;
}

function rewrite(code: string, addressOf: (reference: Reference) => string): string {
  let out = code;
  for (const reference of referencesIn(code).sort((a, b) => b.start - a.start)) {
    const { start, end } = reference;
    out = out.slice(0, start) + JSON.stringify(addressOf(reference)) + out.slice(end);
  }
  return out;
}

/**
 * What a module imports by a name that is written out; addresses (blob:, https:) are the browser's
 * to judge.
 */
function referencesIn(code: string): Reference[] {
  if (!/\b(im|ex)port\b/.test(code)) return [];
  const found: Reference[] = [];
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) return node.forEach(visit);
    if (!isNode(node)) return;
    if (/^(Import|ExportNamed|ExportAll)(Declaration|Expression)$/.test(node.type)) {
      const { source } = node as { source?: { value?: unknown; start: number; end: number } | null };
      if (typeof source?.value === 'string' && !/^[a-z]+:/i.test(source.value))
        found.push({ specifier: source.value, start: source.start, end: source.end });
    }
    Object.values(node).forEach(visit);
  };
  try {
    visit(parse(code, { ecmaVersion: 'latest', sourceType: 'module' }));
  } catch {
    // The browser says what is wrong with it.
  }
  return found;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
}

/**
 * locateSyntaxError finds the place that the browser does not tell when a module cannot be parsed.
 */
export function locateSyntaxError(sources: ReadonlyMap<string, string>, message: string): string {
  const head = `SyntaxError: ${message}`;
  for (const [name, code] of sources) {
    try {
      parse(code, { ecmaVersion: 'latest', sourceType: 'module' });
    } catch (found) {
      const { loc } = found as { loc?: { line: number; column: number } };
      if (!loc) continue;
      const text = code.split('\n')[loc.line - 1] ?? '';
      return `${head}\n    at ${name}:${loc.line}:${loc.column + 1}\n\n${text}\n${' '.repeat(loc.column)}^`;
    }
  }
  return head;
}
