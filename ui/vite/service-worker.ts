import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plugin } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';

/** Monaco's largest chunk has some 3 MB; the largest workers are not kept before they are used. */
const MAX_KEPT_BYTES = 5 << 20;

/**
 * serviceWorker lets the page open without a network: its shell and the editor are kept when they
 * were loaded once, workers when they were used. Nothing of the API, of sockets, sandboxes or
 * runtimes is kept, and no address with a code or an id becomes a key: the server is asked for a
 * page first, and without an answer every address gets the same shell. Kept files are served
 * without starting the worker (sw-routes.js).
 */
export function serviceWorker(): Plugin[] {
  const worker = VitePWA({
    registerType: 'prompt',
    injectRegister: null,
    manifest: {
      name: 'Parley',
      short_name: 'Parley',
      description: 'Collaborative coding interviews on your own server.',
      start_url: '/',
      display: 'standalone',
      background_color: '#0b0c10',
      theme_color: '#0b0c10',
      icons: [{ src: '/favicon.svg', sizes: 'any', type: 'image/svg+xml', purpose: 'any' }],
    },
    workbox: {
      inlineWorkboxRuntime: true,
      sourcemap: false,
      cleanupOutdatedCaches: true,
      clientsClaim: true,
      globPatterns: ['index.html', 'favicon.svg', 'assets/**/*.{js,css,ttf,woff2}'],
      globIgnores: ['**/*worker*', 'sandbox/**', 'docs/**', 'vendor/**', 'runtimes/**'],
      // The server knows the page only by this address.
      manifestTransforms: [
        (entries) => ({
          manifest: entries.map((entry) => (entry.url === 'index.html' ? { ...entry, url: '/' } : entry)),
        }),
      ],
      dontCacheBustURLsMatching: /^assets\//,
      maximumFileSizeToCacheInBytes: MAX_KEPT_BYTES,
      navigateFallback: null,
      directoryIndex: null,
      runtimeCaching: [
        {
          urlPattern: ({ request, url, sameOrigin }) =>
            sameOrigin && request.mode === 'navigate' && /^\/($|s\/|j\/|r\/|replay\/?$)/.test(url.pathname),
          handler: async ({ request }) => {
            const shell = () => caches.match(new URL('/', location.origin).href, { ignoreSearch: true });
            try {
              const answer = await fetch(request);
              // A proxy answers these codes when the server behind it is away.
              return answer.status >= 502 && answer.status <= 504 ? ((await shell()) ?? answer) : answer;
            } catch (error) {
              const kept = await shell();
              if (kept) return kept;
              throw error;
            }
          },
        },
        {
          urlPattern: /\/assets\/[^?]*worker[^?]*\.js$/,
          handler: 'CacheFirst',
          options: { cacheName: 'parley-workers', expiration: { maxEntries: 12 } },
        },
      ],
    },
  });
  return [...worker, staticRoutes()];
}

/**
 * staticRoutes puts sw-routes.js in front of workbox's code. A second script would have to be
 * fetched at each check for a new version.
 */
function staticRoutes(): Plugin {
  let outDir = 'dist';
  return {
    name: 'parley-static-routes',
    enforce: 'post',
    apply: 'build',
    configResolved(config) {
      outDir = join(config.root, config.build.outDir);
    },
    closeBundle: {
      sequential: true,
      async handler() {
        const path = join(outDir, 'sw.js');
        const routes = await readFile(new URL('sw-routes.js', import.meta.url), 'utf8');
        await writeFile(path, routes + (await readFile(path, 'utf8')));
      },
    },
  };
}
