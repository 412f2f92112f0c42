import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Plugin } from 'vite';

/** Packages with one module that names all their parts, by the place of that module. */
const BARRELS = {
  'lucide-react': 'dist/esm/lucide-react.mjs',
  '@mantine/core': 'esm/index.mjs',
  '@mantine/hooks': 'esm/index.mjs',
} as const;

type Barrel = keyof typeof BARRELS;

/** Where a part of a package stands, and its name there. */
interface Part {
  file: string;
  name: string;
}

const IMPORT = new RegExp(
  `import\\s*\\{([^}]*)\\}\\s*from\\s*["'](${Object.keys(BARRELS).join('|')})["'];?`,
  'g',
);

/**
 * directImports names the module of each part in the imports of our own sources. Through the module
 * that names all parts, each way into the page would reach all of them. roomChunks could not tell
 * which file needs which part then.
 */
export function directImports(): Plugin {
  const known = new Map<Barrel, Map<string, Part>>();
  return {
    name: 'direct-imports',
    apply: 'build',
    transform(code, id) {
      if (!id.includes('/src/')) return null;
      const direct = code.replace(IMPORT, (_, names: string, barrel: Barrel) => {
        const parts = known.get(barrel) ?? partsOf(barrel);
        known.set(barrel, parts);
        return namesIn(names)
          .map(([name, local]) => {
            const part = parts.get(name);
            if (!part) throw new Error(`direct-imports: ${barrel} names no module for ${name}`);
            return `import { ${part.name} as ${local} } from ${JSON.stringify(part.file)};`;
          })
          .join('');
      });
      return direct === code ? null : { code: direct, map: null };
    },
  };
}

/** The parts that a package names, by the name that it gives them. */
function partsOf(barrel: Barrel): Map<string, Part> {
  const index = resolve(import.meta.dirname, '../node_modules', barrel, BARRELS[barrel]);
  const code = readFileSync(index, 'utf8');
  const parts = new Map<string, Part>();
  for (const [, names = '', from = ''] of code.matchAll(
    /(?:import|export)\s*\{([^}]*)\}\s*from\s*["'](\.[^"']+)["']/g,
  )) {
    for (const [name, as] of namesIn(names)) parts.set(as, { file: resolve(dirname(index), from), name });
  }
  return parts;
}

/** The names in the braces of an import or export, each with what it is called after "as". */
function namesIn(braces: string): [name: string, as: string][] {
  return braces
    .split(',')
    .map((one) => one.trim().split(/\s+as\s+/))
    .filter(([name]) => name)
    .map(([name = '', as = name]) => [name, as]);
}
