import type { Plugin } from 'vite';

const SERVICE = /monaco-editor[\\/]esm[\\/]vs[\\/]languages[\\/]features[\\/]\w+[\\/]\w+\.worker\.js$/;

/** Where a worker of Monaco makes its service. */
const MADE = /return ((?:create|new \w+Worker)\(ctx, createData\));/;

/** tolerantServices puts tolerant() around the services in Monaco's workers. */
export function tolerantServices(): Plugin {
  return {
    name: 'parley-tolerant-services',
    enforce: 'pre',
    transform(code, id) {
      const [file = '', query = ''] = id.split('?');
      // With ?worker it is the module that stands for the worker, without any code of it.
      if (!SERVICE.test(file) || /(^|&)worker(&|$)/.test(query)) return undefined;
      if (!MADE.test(code)) throw new Error(`${id} makes its service in another way`);
      const tolerant = new URL('../src/features/editor/tolerant-service.ts', import.meta.url).pathname;
      return {
        code: `import { tolerant } from ${JSON.stringify(tolerant)};\n${code.replace(MADE, 'return tolerant($1);')}`,
        map: null,
      };
    },
  };
}
