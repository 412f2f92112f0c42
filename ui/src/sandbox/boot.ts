import { Frame } from './frame';
import { blobsStart } from './script-address';

/**
 * Adds to the policy of this document. Workers have that policy as it is when they start, and no
 * policy is ever taken back.
 */
function restrict(content: string): void {
  const policy = document.createElement('meta');
  policy.httpEquiv = 'Content-Security-Policy';
  policy.content = content;
  document.head.append(policy);
}

// From here on no script may be loaded over the network, not even our own. The policy of the
// response had to allow this file.
restrict("script-src blob: data: 'wasm-unsafe-eval' 'unsafe-eval'");

/** Where blobs start, nothing needs a script in an address, and no program gets one. */
const narrowed = blobsStart().then((starts) => {
  if (starts) restrict("script-src blob: 'wasm-unsafe-eval' 'unsafe-eval'; worker-src blob:");
});

// The page that made this frame hands over one port. Other messages are ignored.
addEventListener('message', function connect(event: MessageEvent) {
  const port = event.ports[0];
  if (event.source !== parent || !port) return;
  removeEventListener('message', connect);
  void narrowed.then(() => new Frame(port));
});
