import { fetchBytes, runtimeIndex, runtimeOf } from './runtimes';

/** What Pyodide's lock file says of a package. */
interface LockedPackage {
  file_name: string;
  imports: string[];
  depends: string[];
}

export type Lock = Record<string, LockedPackage>;

/**
 * wheelsFor gets the packages that a Python program imports, with all that these need, from what
 * the operator has put beside the server. Most servers have none: then nothing is asked for.
 */
export async function wheelsFor(sources: readonly string[]): Promise<Record<string, ArrayBuffer>> {
  const { wheels } = await runtimeIndex();
  if (wheels.length === 0) return {};
  const names = neededWheels(sources, await lockFile(), new Set(wheels));
  const bytes = await Promise.all(
    names.map((name) => fetchBytes(`/runtimes/wheels/${encodeURIComponent(name)}`)),
  );
  return Object.fromEntries(names.map((name, i) => [name, bytes[i]] as const)) as Record<string, ArrayBuffer>;
}

/**
 * neededWheels resolves imports to the wheels that the server has. Python itself reports the
 * missing ones.
 */
export function neededWheels(sources: readonly string[], lock: Lock, there: ReadonlySet<string>): string[] {
  const needed = new Set<string>();
  const visit = (id: string) => {
    const found = lock[id];
    if (!found || needed.has(found.file_name)) return;
    if (there.has(found.file_name)) needed.add(found.file_name);
    found.depends.forEach(visit);
  };
  const imported = new Set(sources.flatMap(importsOf));
  for (const [id, { imports }] of Object.entries(lock)) {
    if (imports.some((name) => imported.has(name.split('.')[0] ?? ''))) visit(id);
  }
  // Wheels that are no part of the release: found by their own name.
  for (const name of there) {
    const top = /^([A-Za-z0-9_.]+)-/.exec(name)?.[1]?.toLowerCase();
    if (top && imported.has(top)) needed.add(name);
  }
  return [...needed];
}

/** Names of top-level packages in import statements. */
function importsOf(source: string): string[] {
  return [...source.matchAll(/^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import|import[ \t]+([\w., \t]+))/gm)].flatMap(
    ([, from, list]) => (from ?? list ?? '').split(',').map((name) => name.trim().split(/[.\s]/)[0] ?? ''),
  );
}

async function lockFile(): Promise<Lock> {
  const { files } = await runtimeOf('python');
  const file = files.find(({ name }) => name === 'pyodide-lock.json');
  if (!file) return {};
  const text = new TextDecoder().decode(await fetchBytes(file.url));
  return (JSON.parse(text) as { packages: Lock }).packages;
}
