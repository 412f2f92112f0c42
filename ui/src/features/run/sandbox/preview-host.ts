import { asksForScript } from '../../../sandbox/asks-for-script';
import { TEXTS } from '../../../lib/texts';
import { readFrameMessage, type FrameMessage } from './frame-message';

/**
 * PreviewHost shows a page in a frame with an opaque origin and no network. The frame has its own
 * process, so that an endless loop in it blocks only the frame. A page that asks for no scripts
 * comes to an address whose policy allows none.
 */
export class PreviewHost {
  readonly #frame = document.createElement('iframe');
  #port: MessagePort | null = null;

  constructor(parent: HTMLElement, source: string, onMessage: (message: FrameMessage) => void) {
    this.#frame.title = TEXTS.run.preview;
    this.#frame.setAttribute('sandbox', 'allow-scripts');
    this.#frame.src = asksForScript(source) ? '/sandbox/preview.html' : '/sandbox/preview-still.html';
    const hand = () => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = ({ data }: MessageEvent<unknown>) => {
        const message = readFrameMessage(data);
        if (message) onMessage(message);
      };
      this.#port = port1;
      // An opaque origin has no name, so "*" is the only target there is; the port goes to our own
      // frame.
      this.#frame.contentWindow?.postMessage({ source }, '*', [port2]);
    };
    // Only once: a page that navigates elsewhere gets nothing.
    this.#frame.addEventListener('load', hand, { once: true });
    parent.append(this.#frame);
  }

  dispose(): void {
    this.#port?.close();
    this.#frame.remove();
  }
}
