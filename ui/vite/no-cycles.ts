import type { Plugin } from 'vite';

/**
 * noCycles fails a build in which two files need each other. What such a file takes from the other
 * when it is loaded may not be there yet, and is undefined.
 */
export function noCycles(): Plugin {
  return {
    name: 'no-cycles',
    apply: 'build',
    generateBundle(_, bundle) {
      const done = new Set<string>();
      const walk = (file: string, path: string[]): void => {
        const since = path.indexOf(file);
        if (since >= 0)
          throw new Error(`no-cycles: files need each other: ${[...path.slice(since), file].join(' → ')}`);
        if (done.has(file)) return;
        const chunk = bundle[file];
        for (const needed of chunk?.type === 'chunk' ? chunk.imports : []) walk(needed, [...path, file]);
        done.add(file);
      };
      for (const file of Object.keys(bundle)) walk(file, []);
    },
  };
}
