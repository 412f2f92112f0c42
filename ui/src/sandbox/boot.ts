import { Frame } from './frame';

/**
 * From here on no script may be loaded over the network, not even our own. The policy of the
 * response had to allow this file, and blob workers inherit the document's policy when they start.
 */
function closeTheDoor(): void {
  const policy = document.createElement('meta');
  policy.httpEquiv = 'Content-Security-Policy';
  policy.content = "script-src blob: data: 'wasm-unsafe-eval' 'unsafe-eval'";
  document.head.append(policy);
}

closeTheDoor();

// The page that made this frame hands over one port. Other messages are ignored.
addEventListener('message', function connect(event: MessageEvent) {
  const port = event.ports[0];
  if (event.source !== parent || !port) return;
  removeEventListener('message', connect);
  new Frame(port);
});
