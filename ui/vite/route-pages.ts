import type { Plugin, Rolldown } from 'vite';

/**
 * The page for each kind of address, and the modules that its route will ask for. The server knows
 * these names (api/client.go).
 */
const PAGES: Record<string, string[]> = {
  'index.html': ['/src/app/entry/home-route.tsx'],
  'invite.html': ['/src/app/entry/invite-page.tsx'],
  'room.html': ['/src/app/session-page.tsx', '/src/features/editor/code-editor.tsx'],
};

type Bundle = Rolldown.OutputBundle;

/**
 * routePages writes one page for each kind of address. Each names the files of its route, so that
 * the browser loads them in parallel, and not each when the one before has run.
 */
export function routePages(): Plugin {
  return {
    name: 'parley-route-pages',
    apply: 'build',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const page = bundle['index.html'];
        if (page?.type !== 'asset') throw new Error('the build has no index.html');
        const html = page.source.toString();
        for (const [fileName, modules] of Object.entries(PAGES)) {
          const source = html.replace('</head>', `${links(bundle, html, modules)}</head>`);
          if (fileName === 'index.html') page.source = source;
          else this.emitFile({ type: 'asset', fileName, source });
        }
      },
    },
  };
}

/**
 * Links that make the browser fetch and compile the files of these modules and of their imports.
 */
function links(bundle: Bundle, html: string, modules: string[]): string {
  const files = new Set<string>();
  for (const module of modules) collect(bundle, entryOf(bundle, module), files);
  return [...files]
    .filter((file) => !html.includes(`"/${file}"`))
    .map((file) =>
      file.endsWith('.css')
        ? `<link rel="preload" as="style" crossorigin href="/${file}">\n  `
        : `<link rel="modulepreload" crossorigin href="/${file}">\n  `,
    )
    .join('');
}

function entryOf(bundle: Bundle, module: string): string {
  const found = Object.values(bundle).find(
    (output) => output.type === 'chunk' && output.moduleIds.some((id) => id.endsWith(module)),
  );
  if (!found) throw new Error(`no chunk has ${module}`);
  return found.fileName;
}

function collect(bundle: Bundle, fileName: string, files: Set<string>): void {
  const chunk = bundle[fileName];
  if (chunk?.type !== 'chunk' || files.has(fileName)) return;
  files.add(fileName);
  for (const css of chunk.viteMetadata?.importedCss ?? []) files.add(css);
  for (const imported of chunk.imports) collect(bundle, imported, files);
}
