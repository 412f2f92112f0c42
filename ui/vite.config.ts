import { readFileSync } from 'node:fs';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { apiDocs } from './vite/api-docs.ts';
import { compress } from './vite/compress.ts';
import { directImports } from './vite/direct-imports.ts';
import { noCycles } from './vite/no-cycles.ts';
import { roomChunks } from './vite/room-chunks.ts';
import { routePages } from './vite/route-pages.ts';
import { serviceWorker } from './vite/service-worker.ts';
import { sandboxScripts } from './vite/sandbox-scripts.ts';
import { tolerantServices } from './vite/tolerant-services.ts';

/** The page must be cross-origin isolated, or programs cannot read input while they run. */
const isolation = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'cross-origin',
};

/** Where `npm run dev` finds the API. */
const server = process.env.PARLEY_SERVER ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [
    react(),
    directImports(),
    tolerantServices(),
    sandboxScripts(),
    apiDocs(),
    routePages(),
    noCycles(),
    serviceWorker(),
    compress(),
  ],
  define: {
    __UI_VERSION__: JSON.stringify(
      (JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')) as { version: string })
        .version,
    ),
  },
  resolve: {
    alias: [
      // y-monaco imports a path that monaco-editor closed in 0.56.
      {
        find: /^monaco-editor\/esm\/vs\/editor\/editor\.api(\.js)?$/,
        replacement: 'monaco-editor/editor/editor.api.js',
      },
      // And monaco-vim another one.
      {
        find: 'monaco-editor/esm/vs/editor/common/commands/shiftCommand',
        replacement: 'monaco-editor/editor/common/commands/shiftCommand.js',
      },
    ],
  },
  worker: { format: 'es', plugins: () => [tolerantServices()] },
  build: {
    target: 'es2022',
    chunkSizeWarningLimit: 5000,
    reportCompressedSize: false,
    rolldownOptions: {
      output: { codeSplitting: { groups: [{ name: roomChunks(), includeDependenciesRecursively: false }] } },
    },
  },
  server: {
    headers: isolation,
    proxy: {
      '/api': server,
      '/ws': { target: server, ws: true },
      // The page of the API is the built one of the server.
      '/docs': server,
      '/runtimes': server,
      '/openapi.json': server,
      '/vendor/swagger-ui': server,
    },
  },
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.test.{ts,tsx}', 'lint/*.test.js'],
    setupFiles: ['src/lib/test-setup.ts'],
    // A busy machine is no reason to fail. A test that hangs still ends.
    testTimeout: 30_000,
    restoreMocks: true,
    server: { deps: { inline: ['y-monaco', 'monaco-vim'] } },
  },
});
