import type { Rolldown } from 'vite';

/**
 * The ways into the page, as modules that are entered by a link or by import(). The room shares
 * modules with all of them.
 */
const ROOTS = {
  main: ['/src/app/main.tsx'],
  home: ['/src/app/entry/home-route.tsx'],
  entry: ['/src/app/entry/invite-page.tsx', '/src/features/lobby/lobby-page.tsx', '/src/app/entry/setup.tsx'],
  replay: ['/src/app/replay/bundle-route.tsx', '/src/app/replay/link-route.tsx'],
  room: ['/src/app/session-page.tsx'],
} as const;

type Way = keyof typeof ROOTS;

/**
 * roomChunks says in which file a module of the room goes. Without it each set of ways that share a
 * module gets a file of its own, and many small files compress worse than few large ones. What a
 * module imports is reached by at least the same ways, so no two of these files need each other.
 */
export function roomChunks(): Rolldown.CodeSplittingNameFunction {
  let ways: Map<string, Set<Way>> | null = null;
  return (id, chunks) => {
    ways ??= reached((module) => chunks.getModuleInfo(module));
    const by = ways.get(id);
    if (!by?.has('room') || by.has('main')) return null;
    if (by.has('home')) return 'pages';
    if (by.has('entry')) return 'join';
    return by.has('replay') ? 'frame' : 'room';
  };
}

type ModuleInfo = Pick<Rolldown.ModuleInfo, 'importedIds'> | null;

/** The ways on which each module is imported at once, by its id. */
function reached(infoOf: (id: string) => ModuleInfo): Map<string, Set<Way>> {
  const ways = new Map<string, Set<Way>>();
  const walk = (id: string, way: Way): void => {
    const known = ways.get(id) ?? new Set<Way>();
    if (known.has(way)) return;
    ways.set(id, known.add(way));
    for (const imported of infoOf(id)?.importedIds ?? []) walk(imported, way);
  };
  for (const [way, modules] of Object.entries(ROOTS)) {
    for (const module of modules) {
      const id = new URL(`..${module}`, import.meta.url).pathname;
      if (!infoOf(id)) throw new Error(`room-chunks: no module ${module}`);
      walk(id, way as Way);
    }
  }
  return ways;
}
