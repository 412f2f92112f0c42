import { Frame } from './frame';

/**
 * From here on no script comes over the network, not even our own: the response's policy had to
 * allow this file, and blob workers inherit what the document allows when they start.
 */
function closeTheDoor(): void {
  const policy = document.createElement('meta');
  policy.httpEquiv = 'Content-Security-Policy';
  policy.content = "script-src blob: 'wasm-unsafe-eval' 'unsafe-eval'";
  document.head.append(policy);
}

closeTheDoor();

// The page that made this frame hands over one port; nobody else is listened to.
addEventListener('message', function connect(event: MessageEvent) {
  const port = event.ports[0];
  if (event.source !== parent || !port) return;
  removeEventListener('message', connect);
  new Frame(port);
});
