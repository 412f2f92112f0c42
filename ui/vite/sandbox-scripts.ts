import { join } from 'node:path';
import { build, type Plugin } from 'vite';

/** boot.js is loaded by /sandbox/run.html under its plain name, preview.js by both previews. */
const PAGES = ['boot', 'preview'];

/**
 * The worker scripts are fetched by the page and handed into the sandbox as text, so they may carry
 * a content hash like any other asset. `import url from 'virtual:sandbox/js-worker'` gives the
 * address.
 */
const WORKERS = ['js', 'python', 'sqlite', 'postgres', 'lua', 'ruby', 'php', 'go', 'clang'].map(
  (id) => `${id}-worker`,
);

const PREFIX = 'virtual:sandbox/';

/**
 * sandboxScripts bundles src/sandbox into classic scripts. A frame with an opaque origin can
 * neither start module workers nor share the page's chunks, so each is one self-contained IIFE.
 */
export function sandboxScripts(): Plugin {
  let root = process.cwd();
  let serving = false;
  return {
    name: 'parley-sandbox-scripts',
    configResolved(config) {
      root = config.root;
      serving = config.command === 'serve';
    },
    resolveId: (id) => (id.startsWith(PREFIX) ? `\0${id}` : undefined),
    async load(id) {
      if (!id.startsWith(`\0${PREFIX}`)) return undefined;
      const name = id.slice(PREFIX.length + 1);
      if (serving) return `export default '/sandbox/${name}.js'`;
      const source = await bundle(root, name);
      const ref = this.emitFile({ type: 'asset', name: `${name}.js`, source });
      return `export default import.meta.ROLLUP_FILE_URL_${ref}`;
    },
    async generateBundle() {
      for (const name of PAGES) {
        this.emitFile({ type: 'asset', fileName: `sandbox/${name}.js`, source: await bundle(root, name) });
      }
    },
    configureServer(server) {
      server.middlewares.use('/sandbox/', (req, res, next) => {
        const name = /^\/([a-z-]+)\.js/.exec(req.url ?? '')?.[1];
        if (!name || ![...PAGES, ...WORKERS].includes(name)) return next();
        void bundle(root, name).then((code) => {
          res.setHeader('content-type', 'text/javascript');
          res.setHeader('cross-origin-resource-policy', 'cross-origin');
          res.end(code);
        }, next);
      });
    },
  };
}

/**
 * Runtimes look for their files beside their own address, which a blob does not have. They get an
 * address that leads nowhere, and are answered from memory (src/sandbox/memory-fetch.ts). This runs
 * before Vite's own plugins, which would put the files into the script.
 */
const withoutAddress: Plugin = {
  name: 'parley-without-address',
  transform: {
    order: 'pre',
    handler(code, id) {
      if (!id.includes('node_modules') || !code.includes('import.meta')) return undefined;
      const nowhere = '"https://runtime.invalid/script.js"';
      return code
        .replaceAll('import.meta.url', nowhere)
        .replace(/\bconst importMeta = import\.meta;/g, `const importMeta = {url: ${nowhere}};`);
    },
  },
};

export async function bundle(root: string, name: string): Promise<string> {
  const result = await build({
    root,
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    plugins: [withoutAddress],
    // The package's own types are incomplete, so it is imported under another name.
    resolve: { alias: { 'virtual:yowasp-clang': '@yowasp/clang' } },
    build: {
      write: false,
      target: 'es2022',
      modulePreload: false,
      rollupOptions: {
        input: join(root, 'src/sandbox', `${name}.ts`),
        output: { format: 'iife', entryFileNames: `${name}.js`, codeSplitting: false },
      },
    },
  });
  const outputs = Array.isArray(result) ? result : [result];
  for (const output of outputs) {
    if (!('output' in output)) continue;
    for (const file of output.output) if (file.type === 'chunk' && file.isEntry) return file.code;
  }
  throw new Error(`sandbox script ${name} gave no chunk`);
}
