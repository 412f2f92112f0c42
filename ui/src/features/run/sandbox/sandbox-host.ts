import { Value, type Readable } from '../../../lib/readable';
import type { PageToFrame, Program } from '../../../sandbox/protocol';
import type { FrameMessage } from './frame-message';
import { FrameWatch } from './frame-watch';
import { fetchKit } from './kits';
import { SandboxFrame, type Hello } from './sandbox-frame';

/**
 * The frame's own code is idle while a program runs, so it answers at once. After this time it is
 * replaced.
 */
const KILL_MS = 500;

export type SandboxMessage =
  | Exclude<FrameMessage, { type: 'hello' | 'killed' | 'pong' }>
  /** The browser ended the sandbox, or it does not answer. */
  | { type: 'crashed' };

interface Loading {
  done: Promise<void>;
  watchers: Set<(share: number) => void>;
}

interface Killing {
  done: Promise<void>;
  confirm: () => void;
}

/**
 * SandboxHost owns the frame that programs run in. A frame that does not answer is replaced by a
 * new one.
 */
export class SandboxHost {
  readonly #parent: HTMLElement;
  readonly #isolated = new Value<boolean | null>(null);
  /** Whether programs can wait for input while they run; null until a frame has answered. */
  readonly isolated: Readable<boolean | null> = this.#isolated;
  /** Kits that the frame has or is getting. */
  readonly #kits = new Map<string, Loading>();
  readonly #watch = new FrameWatch(
    () => this.#tell({ type: 'ping' }),
    () => this.#crashed(),
  );
  /** null: no frame was needed yet, or the last one did not answer. */
  #frame: SandboxFrame | null = null;
  #onMessage: (message: SandboxMessage) => void = () => undefined;
  #disposed = false;
  /**
   * Set while a program is being killed. New programs wait for it, because the whole frame may be
   * replaced.
   */
  #killing: Killing | null = null;

  constructor(parent: HTMLElement = document.body) {
    this.#parent = parent;
  }

  onMessage(listener: (message: SandboxMessage) => void): void {
    this.#onMessage = listener;
  }

  /** open makes the frame, before it is needed. */
  open(): void {
    if (!this.#disposed) this.#frame ??= this.#newFrame();
  }

  /** prepare fetches a kit once and starts warming it up. progress goes from 0 to 1. */
  async prepare(kit: string, progress: (share: number) => void = () => undefined): Promise<void> {
    if (this.#killing) await this.#killing.done;
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

  /**
   * run starts a program whose kit was prepared. It rejects when there is no frame to run it in.
   */
  async run(kit: string, program: Program): Promise<void> {
    await this.#send({ type: 'run', kit, program });
    this.#watch.start();
  }

  answer(text: string): void {
    this.#tell({ type: 'stdin', text });
  }

  /** endInput tells the waiting program that there is no more input. */
  endInput(): void {
    this.#tell({ type: 'eof' });
  }

  interrupt(): void {
    this.#tell({ type: 'interrupt' });
  }

  /**
   * kill ends the program: its worker, and where the frame does not confirm that at once, the whole
   * frame.
   */
  kill(): void {
    this.#watch.stop();
    if (!this.#frame) return;
    this.#tell({ type: 'kill' });
    this.#killing?.confirm();
    this.#killing = this.#awaitKilled();
  }

  /** dispose removes the frame, and with it everything that runs inside. */
  dispose(): void {
    this.#disposed = true;
    this.#forget();
  }

  async #handOver(kit: string, progress: (share: number) => void): Promise<void> {
    // The frame comes up while the kit is on its way.
    this.open();
    const parts = await fetchKit(kit, progress);
    await this.#send({ type: 'prepare', kit, parts }, Object.values(parts.files));
  }

  async #send(message: PageToFrame, transfer: Transferable[] = []): Promise<void> {
    this.open();
    const frame = this.#frame;
    if (!frame) throw new Error('the sandbox is gone');
    await frame.hello;
    frame.post(message, transfer);
  }

  #awaitKilled(): Killing {
    const patience = setTimeout(() => this.#replace(), KILL_MS);
    let resolve: () => void = () => undefined;
    const done = new Promise<void>((settle) => (resolve = settle));
    const confirm = () => {
      clearTimeout(patience);
      this.#killing = null;
      resolve();
    };
    return { done, confirm };
  }

  /** Sends a message that is pointless without a frame, so failures are ignored. */
  #tell(message: PageToFrame): void {
    const frame = this.#frame;
    frame?.hello.then(() => frame.post(message)).catch(() => undefined);
  }

  #newFrame(): SandboxFrame {
    const frame = new SandboxFrame(this.#parent, {
      onMessage: (message) => this.#hear(message),
      onClosed: () => this.#crashed(),
    });
    frame.hello.then(
      ({ isolated }) => this.#isolated.set(isolated),
      // The next caller gets a new frame.
      () => this.#frame === frame && this.#forget(),
    );
    return frame;
  }

  #hear(message: Exclude<FrameMessage, Hello>): void {
    this.#watch.heard();
    if (message.type === 'pong') return;
    if (message.type === 'killed') return this.#killing?.confirm();
    if (message.type === 'done') this.#watch.stop();
    this.#onMessage(message);
  }

  #crashed(): void {
    this.#replace();
    this.#onMessage({ type: 'crashed' });
  }

  /**
   * replace removes the frame with all that runs in it. Kits are fetched again, from the browser's
   * cache.
   */
  #replace(): void {
    this.#forget();
    this.open();
  }

  #forget(): void {
    this.#watch.stop();
    this.#frame?.remove();
    this.#frame = null;
    this.#kits.clear();
    this.#killing?.confirm();
  }
}
