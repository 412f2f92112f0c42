import { outputConsole } from './console';
import { errorText, inspect } from './inspect';
import { OutputBuffer } from './output-buffer';
import { closePageDoors } from './page-doors';
import { standIn } from './page-stand-ins';

/** What the page's document and the one around it say to each other. */
type FromPage = { source: string };

/**
 * The inside of the preview: a document with an opaque origin and no network, which becomes the
 * previewed page. Its console goes to the document around it, as text.
 */
function preview(port: MessagePort, source: string): void {
  const post = port.postMessage.bind(port);
  const output = new OutputBuffer((chunks) => post({ type: 'output', chunks }));
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
    addEventListener('load', () => {
      output.flush();
      post({ type: 'done', ok: true });
    });
  };
  const write = closePageDoors();
  document.open();
  // Opening a document takes all listeners off its window.
  watch();
  standIn((text) => methods.log?.(text));
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
