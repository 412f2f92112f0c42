import type { FrameToPage, Kit, PageToFrame, Program } from '../../sandbox/protocol';
import { fetchKit } from './kits';

/** How long the empty frame may take to answer before something must be wrong (an old proxy, a blocker). */
const HELLO_MS = 15_000;

export type SandboxMessage = Exclude<FrameToPage, { type: 'hello' }>;

/**
 * SandboxHost owns the sandbox frame: a document with an opaque origin, in which user code can reach neither
 * this page nor any network. It talks to it over one port that nobody else holds.
 */
export class SandboxHost {
  readonly #frame: HTMLIFrameElement;
  readonly #kits = new Map<string, { done: Promise<void>; watchers: Set<(share: number) => void> }>();
  readonly #connected: Promise<{ port: MessagePort; isolated: boolean }>;
  #onMessage: (message: SandboxMessage) => void = () => undefined;
  #disposed = false;

  constructor(parent: HTMLElement = document.body) {
    this.#frame = document.createElement('iframe');
    this.#frame.title = 'Code sandbox';
    this.#frame.hidden = true;
    this.#frame.setAttribute('sandbox', 'allow-scripts');
    this.#frame.allow = 'cross-origin-isolated';
    this.#frame.src = '/sandbox/run.html';
    this.#connected = this.#connect();
    // Whoever needs the frame is told; nobody needs to hear it twice.
    this.#connected.catch(() => undefined);
    parent.append(this.#frame);
  }

  /** isolated: programs can stop and wait for input typed while they run. */
  async isolated(): Promise<boolean> {
    return (await this.#connected).isolated;
  }

  onMessage(listener: (message: SandboxMessage) => void): void {
    this.#onMessage = listener;
  }

  /** prepare fetches a language's runtime once and starts warming it up. progress goes from 0 to 1. */
  async prepare(language: string, progress: (share: number) => void = () => undefined): Promise<void> {
    let kit = this.#kits.get(language);
    if (!kit) {
      const watchers = new Set<(share: number) => void>();
      const done = this.#handOver(language, (share) => watchers.forEach((watch) => watch(share)));
      done.catch(() => this.#kits.delete(language));
      kit = { done, watchers };
      this.#kits.set(language, kit);
    }
    kit.watchers.add(progress);
    await kit.done;
    kit.watchers.delete(progress);
  }

  async run(language: string, program: Program): Promise<void> {
    await this.#send({ type: 'run', language, program });
  }

  answer(text: string): void {
    void this.#send({ type: 'stdin', text });
  }

  interrupt(): void {
    void this.#send({ type: 'interrupt' });
  }

  kill(): void {
    void this.#send({ type: 'kill' });
  }

  /** dispose removes the frame, and with it everything that runs inside. */
  dispose(): void {
    this.#disposed = true;
    this.#frame.remove();
  }

  async #handOver(language: string, progress: (share: number) => void): Promise<void> {
    const kit: Kit = await fetchKit(language, progress);
    await this.#send({ type: 'prepare', language, kit }, Object.values(kit.files));
  }

  async #send(message: PageToFrame, transfer: Transferable[] = []): Promise<void> {
    const { port } = await this.#connected;
    if (!this.#disposed) port.postMessage(message, transfer);
  }

  async #connect(): Promise<{ port: MessagePort; isolated: boolean }> {
    const { port1, port2 } = new MessageChannel();
    return new Promise((resolve, reject) => {
      const timeout = setTimeout(() => reject(new Error('the sandbox did not start')), HELLO_MS);
      port1.onmessage = ({ data }: MessageEvent<FrameToPage>) => {
        if (data.type !== 'hello') return this.#onMessage(data);
        clearTimeout(timeout);
        resolve({ port: port1, isolated: data.isolated });
      };
      // An opaque origin has no name, so "*" is the only target there is; the port goes to our own frame.
      const hand = () => this.#frame.contentWindow?.postMessage('connect', '*', [port2]);
      this.#frame.addEventListener('load', hand, { once: true });
    });
  }
}
