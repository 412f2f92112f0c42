import type { PageToFrame } from '../../../sandbox/protocol';
import { readFrameMessage, type FrameMessage } from './frame-message';

/**
 * How long the empty frame may take to answer before something must be wrong (an old proxy, a
 * blocker).
 */
const HELLO_MS = 15_000;

/** Hello is what a frame says of itself first. */
export type Hello = Extract<FrameMessage, { type: 'hello' }>;

export interface FrameEvents {
  onMessage: (message: Exclude<FrameMessage, Hello>) => void;
  /** The browser has ended the frame's process. Not all browsers tell. */
  onClosed: () => void;
}

/**
 * SandboxFrame is one sandbox frame: a document with an opaque origin, in which user code can reach
 * neither this page nor any network. It talks to it over one port that nobody else holds.
 */
export class SandboxFrame {
  /**
   * Resolves when the frame answers. Rejects when the frame does not answer in time, or is removed
   * before.
   */
  readonly hello: Promise<Hello>;
  readonly #element = newFrame();
  readonly #port: MessagePort;
  #removed = false;
  #giveUp: () => void = () => undefined;

  constructor(parent: HTMLElement, { onMessage, onClosed }: FrameEvents) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.hello = new Promise((resolve, reject) => {
      this.#giveUp = () => reject(new Error('the sandbox did not start'));
      const timeout = setTimeout(this.#giveUp, HELLO_MS);
      port1.onmessage = ({ data }: MessageEvent<unknown>) => {
        const message = readFrameMessage(data);
        if (!message || this.#removed) return;
        if (message.type !== 'hello') return onMessage(message);
        clearTimeout(timeout);
        resolve(message);
      };
    });
    // Callers handle the rejection; this only keeps it from being reported as unhandled.
    this.hello.catch(() => undefined);
    port1.addEventListener('close', () => {
      if (!this.#removed) onClosed();
    });
    // An opaque origin has no name, so "*" is the only target there is; the port goes to our own
    // frame.
    const hand = () => this.#element.contentWindow?.postMessage('connect', '*', [port2]);
    this.#element.addEventListener('load', hand, { once: true });
    parent.append(this.#element);
  }

  /** post sends a message to the frame. It throws when the frame was removed. */
  post(message: PageToFrame, transfer: Transferable[] = []): void {
    if (this.#removed) throw new Error('the sandbox is gone');
    this.#port.postMessage(message, transfer);
  }

  /** remove ends everything that runs inside. */
  remove(): void {
    this.#removed = true;
    this.#giveUp();
    this.#port.close();
    this.#element.remove();
  }
}

function newFrame(): HTMLIFrameElement {
  const frame = document.createElement('iframe');
  frame.title = 'Code sandbox';
  frame.hidden = true;
  frame.setAttribute('sandbox', 'allow-scripts');
  frame.allow = 'cross-origin-isolated';
  frame.src = '/sandbox/run.html';
  return frame;
}
