import { asksForScript } from './asks-for-script';
import { outputConsole } from './console';
import { errorText, inspect } from './inspect';
import { OutputBuffer } from './output-buffer';
import { closePageDoors, guardTexts, withoutDoors } from './page-doors';
import { keepFocusOut } from './page-focus';
import { standIn } from './page-stand-ins';

/** What the page's document and the one around it say to each other. */
type FromPage = { source: string };

const NO_SCRIPTS = 'This browser cannot keep scripts of a page in. The page is shown without them.\n';

/**
 * showStill shows a page in a frame without scripts. The frame has the policy of this document, and
 * less rights.
 */
function showStill(source: string): Promise<void> {
  const frame = document.createElement('iframe');
  frame.setAttribute('sandbox', '');
  frame.style.cssText = 'position: fixed; inset: 0; width: 100%; height: 100%; border: 0';
  frame.srcdoc = withoutDoors(source);
  return new Promise((resolve) => {
    frame.addEventListener('load', () => resolve(), { once: true });
    document.body.append(frame);
  });
}

/**
 * The inside of the preview: a document with an opaque origin and no network, which becomes the
 * previewed page. Its console goes to the document around it, as text.
 */
function preview(port: MessagePort, source: string): void {
  const post = port.postMessage.bind(port);
  const output = new OutputBuffer((chunks) => post({ type: 'output', chunks }));
  const done = () => {
    output.flush();
    post({ type: 'done', ok: true });
  };
  const asks = asksForScript(source);
  const guarded = guardTexts();
  if (!asks || !guarded) {
    post({ type: 'started' });
    if (asks) output.write(NO_SCRIPTS, 'stderr');
    void showStill(source).then(done);
    return;
  }
  const { methods, release } = outputConsole(output);
  Object.assign(console, methods);
  const fail = (error: unknown) => {
    release();
    const text = error instanceof Error ? errorText(error) : `Uncaught ${inspect(error)}`;
    output.write(
      `${text.replace(/\(?about:srcdoc|https?:\/\/[^\s)]*\/sandbox\/preview\.html/g, 'page')}\n`,
      'stderr',
    );
  };
  const watch = () => {
    addEventListener('error', (event) => fail(event.error ?? event.message));
    addEventListener('unhandledrejection', (event) => fail(event.reason));
    addEventListener('load', done);
  };
  const write = closePageDoors();
  document.open();
  // Opening a document takes all listeners off its window.
  watch();
  standIn((text) => methods.log?.(text));
  keepFocusOut();
  write(source);
  document.close();
  post({ type: 'started' });
}

addEventListener('message', function connect(event: MessageEvent<FromPage>) {
  const port = event.ports[0];
  if (event.source !== parent || !port) return;
  removeEventListener('message', connect);
  preview(port, String(event.data.source));
});
