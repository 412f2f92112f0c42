// Part of the service worker: routes that do not need it. Without them a page would ask the worker
// for every file, and the browser would have to start the worker first. Browsers without static
// routes do that.
addEventListener('install', (event) => {
  if (!event.addRoutes) return;
  const kept = `workbox-precache-v2-${registration.scope}`;
  const routes = event.addRoutes([
    // Workers are kept once they were used, so the service worker itself fills their cache.
    { condition: { urlPattern: { pathname: '/assets/*worker*' } }, source: 'fetch-event' },
    // Straight from what was kept, and from the network where nothing was.
    { condition: { urlPattern: { pathname: '/assets/*' } }, source: { cacheName: kept } },
    { condition: { urlPattern: { pathname: '/:part(api|auth|sandbox|runtimes)/*' } }, source: 'network' },
    // The server is asked first. The kept shell answers when the server does not.
    { condition: { requestMode: 'navigate' }, source: 'race-network-and-fetch-handler' },
  ]);
  // Without static routes every request goes through the worker, which works too.
  event.waitUntil(routes.catch(() => undefined));
});
