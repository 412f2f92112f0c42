// Part of the service worker: what need not wait for it. A page that opens would otherwise ask it
// for every file, and it has to be started first. Browsers without static routes ask it all the
// same.
addEventListener('install', (event) => {
  if (!event.addRoutes) return;
  const kept = `workbox-precache-v2-${registration.scope}`;
  const routes = event.addRoutes([
    // Workers are kept when they were used, so their cache is filled by the service worker itself.
    { condition: { urlPattern: { pathname: '/assets/*worker*' } }, source: 'fetch-event' },
    // Straight from what was kept, and from the network where nothing was.
    { condition: { urlPattern: { pathname: '/assets/*' } }, source: { cacheName: kept } },
    { condition: { urlPattern: { pathname: '/:part(api|sandbox|runtimes)/*' } }, source: 'network' },
    // The server is asked at once; the shell that was kept answers when it does not.
    { condition: { requestMode: 'navigate' }, source: 'race-network-and-fetch-handler' },
  ]);
  // Without them all goes the long way, which works as well.
  event.waitUntil(routes.catch(() => undefined));
});
