import type { Kit, PageToFrame, Program } from '../../../sandbox/protocol';
import { readFrameMessage, type FrameMessage } from './frame-message';
import { fetchKit } from './kits';

/** How long the empty frame may take to answer before something must be wrong (an old proxy, a blocker). */
const HELLO_MS = 15_000;
/** The frame's own part is idle while a program runs, so it answers at once; past this it is thrown away. */
const KILL_MS = 500;
/** While a program runs the frame is asked this often whether it is there. */
const PING_MS = 2_000;
/** A frame that has not answered for this long has crashed, for instance by a program that took all memory. */
const DEAD_MS = 8_000;

export type SandboxMessage =
  | Exclude<FrameMessage, { type: 'hello' | 'killed' | 'pong' }>
  /** The browser ended the sandbox, or it does not answer. */
  | { type: 'crashed' };

interface Connection {
  frame: HTMLIFrameElement;
  port: MessagePort;
  isolated: boolean;
}

interface Loading {
  done: Promise<void>;
  watchers: Set<(share: number) => void>;
}

/**
 * SandboxHost owns the sandbox frame: a document with an opaque origin, in which user code can reach neither
 * this page nor any network. It talks to it over one port that nobody else holds. A frame that does not answer is
 * replaced by a new one.
 */
export class SandboxHost {
  readonly #parent: HTMLElement;
  readonly #kits = new Map<string, Loading>();
  /** null: nobody has needed the frame yet. */
  #connected: Promise<Connection> | null = null;
  #frame: HTMLIFrameElement | null = null;
  #onMessage: (message: SandboxMessage) => void = () => undefined;
  #disposed = false;
  #killing: ReturnType<typeof setTimeout> | undefined;
  #watch: ReturnType<typeof setInterval> | undefined;
  #heardAt = 0;

  constructor(parent: HTMLElement = document.body) {
    this.#parent = parent;
  }

  /** isolated: programs can stop and wait for input typed while they run. */
  async isolated(): Promise<boolean> {
    return (await this.#open()).isolated;
  }

  onMessage(listener: (message: SandboxMessage) => void): void {
    this.#onMessage = listener;
  }

  /** prepare fetches a kit once and starts warming it up. progress goes from 0 to 1. */
  async prepare(kit: string, progress: (share: number) => void = () => undefined): Promise<void> {
    let loading = this.#kits.get(kit);
    if (!loading) {
      const watchers = new Set<(share: number) => void>();
      const done = this.#handOver(kit, (share) => watchers.forEach((watch) => watch(share)));
      loading = { done, watchers };
      this.#kits.set(kit, loading);
      const made = loading;
      done.catch(() => this.#kits.get(kit) === made && this.#kits.delete(kit));
    }
    loading.watchers.add(progress);
    try {
      await loading.done;
    } finally {
      loading.watchers.delete(progress);
    }
  }

  async run(kit: string, program: Program): Promise<void> {
    await this.#send({ type: 'run', kit, program });
    this.#startWatch();
  }

  answer(text: string): void {
    void this.#send({ type: 'stdin', text });
  }

  /** endInput tells the waiting program that there is no more input. */
  endInput(): void {
    void this.#send({ type: 'eof' });
  }

  interrupt(): void {
    void this.#send({ type: 'interrupt' });
  }

  /** kill ends the program: its worker, and where the frame does not confirm that at once, the whole frame. */
  kill(): void {
    this.#stopWatch();
    void this.#send({ type: 'kill' });
    clearTimeout(this.#killing);
    this.#killing = setTimeout(() => this.#replace(), KILL_MS);
  }

  /** dispose removes the frame, and with it everything that runs inside. */
  dispose(): void {
    this.#disposed = true;
    this.#stopWatch();
    clearTimeout(this.#killing);
    this.#frame?.remove();
  }

  async #handOver(kit: string, progress: (share: number) => void): Promise<void> {
    // The frame comes up while the kit is on its way.
    this.#open().catch(() => undefined);
    const parts: Kit = await fetchKit(kit, progress);
    await this.#send({ type: 'prepare', kit, parts }, Object.values(parts.files));
  }

  async #send(message: PageToFrame, transfer: Transferable[] = []): Promise<void> {
    if (this.#disposed) return;
    const { port } = await this.#open();
    if (!this.#disposed) port.postMessage(message, transfer);
  }

  /** open gives the frame, and makes it when it is needed for the first time. */
  #open(): Promise<Connection> {
    if (this.#disposed) return Promise.reject(new Error('the sandbox is gone'));
    if (!this.#connected) {
      this.#frame = newFrame();
      this.#connected = this.#connect(this.#frame);
    }
    return this.#connected;
  }

  #connect(frame: HTMLIFrameElement): Promise<Connection> {
    const { port1, port2 } = new MessageChannel();
    const connected = new Promise<Connection>((resolve, reject) => {
      const timeout = setTimeout(() => reject(new Error('the sandbox did not start')), HELLO_MS);
      port1.onmessage = ({ data }: MessageEvent<unknown>) => {
        const message = readFrameMessage(data);
        if (!message || this.#frame !== frame) return;
        this.#heardAt = performance.now();
        if (message.type !== 'hello') return this.#on(message);
        clearTimeout(timeout);
        resolve({ frame, port: port1, isolated: message.isolated });
      };
      // Where the browser ended the frame's process this comes at once; elsewhere the watch notices.
      port1.addEventListener('close', () => this.#onClosed(frame));
      // An opaque origin has no name, so "*" is the only target there is; the port goes to our own frame.
      const hand = () => frame.contentWindow?.postMessage('connect', '*', [port2]);
      frame.addEventListener('load', hand, { once: true });
    });
    // Whoever needs the frame is told; nobody needs to hear it twice.
    connected.catch(() => undefined);
    this.#parent.append(frame);
    return connected;
  }

  #on(message: Exclude<FrameMessage, { type: 'hello' }>): void {
    if (message.type === 'pong') return;
    if (message.type === 'killed') return clearTimeout(this.#killing);
    if (message.type === 'done') this.#stopWatch();
    this.#onMessage(message);
  }

  #onClosed(frame: HTMLIFrameElement): void {
    if (this.#disposed || this.#frame !== frame) return;
    this.#replace();
    this.#onMessage({ type: 'crashed' });
  }

  #startWatch(): void {
    this.#stopWatch();
    this.#heardAt = performance.now();
    let asked = performance.now();
    this.#watch = setInterval(() => {
      const now = performance.now();
      // A page that slept (a closed lid) has heard nothing because it did not listen.
      if (now - asked > 2 * PING_MS) this.#heardAt = now;
      asked = now;
      if (now - this.#heardAt < DEAD_MS) return void this.#send({ type: 'ping' });
      this.#replace();
      this.#onMessage({ type: 'crashed' });
    }, PING_MS);
  }

  #stopWatch(): void {
    clearInterval(this.#watch);
  }

  /** replace throws the frame away with all that runs in it. What languages need is fetched anew, from the cache. */
  #replace(): void {
    if (this.#disposed) return;
    this.#stopWatch();
    clearTimeout(this.#killing);
    this.#frame?.remove();
    this.#kits.clear();
    this.#connected = null;
    void this.#open().catch(() => undefined);
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
