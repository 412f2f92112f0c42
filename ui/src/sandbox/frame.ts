import {
  LINE,
  LINE_BYTES,
  LINE_OFFSET,
  type FrameToPage,
  type FrameToWorker,
  type Kit,
  type PageToFrame,
  type Program,
  type WorkerToFrame,
} from './protocol';
import { close, compile, mayPass, sharesMemory, startWorker, type Runtime, type Seat } from './seat';

/** SIGINT, as Python's interrupt byte wants it. */
const SIGINT = 2;

const INPUT_TOO_LONG = `The input is too long: its first ${LINE_BYTES / 1024 / 1024} MiB are taken.\n`;

/** Workers that wait for a run of their language, at most. */
const MAX_SPARES = 2;

/**
 * Frame is the inside of the sandbox. This document has an opaque origin and no network; it starts
 * workers from bytes that the page hands over, one per run, with the next one already warming up.
 */
export class Frame {
  readonly #port: MessagePort;
  /** Kits that are not compiled yet. When compiling fails, the next run tries again. */
  readonly #kits = new Map<string, Kit>();
  readonly #runtimes = new Map<string, Promise<Runtime>>();
  readonly #spares = new Map<string, Seat>();
  #running: Seat | null = null;
  /** Counts runs, so that a run that was killed while its runtime compiled does not start late. */
  #turn = 0;

  constructor(port: MessagePort) {
    this.#port = port;
    port.onmessage = ({ data }: MessageEvent<PageToFrame>) => this.#on(data);
    this.#tell({ type: 'hello', isolated: sharesMemory() });
  }

  #on(message: PageToFrame): void {
    switch (message.type) {
      case 'prepare':
        this.#kits.set(message.kit, message.parts);
        return this.#warm(message.kit);
      case 'run':
        return void this.#run(message.kit, message.program);
      case 'stdin':
        return this.#answer(message.text);
      case 'eof':
        return this.#wake(LINE.end);
      case 'interrupt':
        return this.#interrupt();
      case 'kill':
        this.#end();
        return this.#tell({ type: 'killed' });
      case 'ping':
        return this.#tell({ type: 'pong' });
    }
  }

  #warm(kit: string): void {
    // The run that needs the worker reports the error.
    this.#spare(kit).catch(() => undefined);
  }

  #runtime(kit: string): Promise<Runtime> {
    const compiled = this.#runtimes.get(kit);
    if (compiled) return compiled;
    const parts = this.#kits.get(kit);
    if (!parts) return Promise.reject(new Error('it is not here'));
    const runtime = compile(parts);
    this.#runtimes.set(kit, runtime);
    runtime.then(
      () => this.#kits.delete(kit),
      () => this.#runtimes.delete(kit),
    );
    return runtime;
  }

  /** The warm worker of a kit, started if there is none. */
  async #spare(kit: string): Promise<Seat> {
    const runtime = await this.#runtime(kit);
    const spare = this.#spares.get(kit);
    if (spare) return spare;
    const seat = startWorker(kit, runtime, (message) => this.#onMessage(seat, message));
    // Languages that were not used for a while need not stay warm, because each takes memory.
    for (const [other, idle] of this.#spares) {
      if (this.#spares.size < MAX_SPARES) break;
      close(idle);
      this.#spares.delete(other);
    }
    this.#spares.set(kit, seat);
    return seat;
  }

  async #run(kit: string, program: Program): Promise<void> {
    const turn = ++this.#turn;
    const seat = await this.#spare(kit).catch((error: unknown) => String(error));
    if (turn !== this.#turn) return;
    if (typeof seat === 'string') return this.#fail(`The language could not be loaded: ${seat}\n`);
    this.#spares.delete(kit);
    this.#running = seat;
    const begin = () => {
      this.#tell({ type: 'started' });
      seat.port.postMessage({ type: 'run', program } satisfies FrameToWorker);
    };
    if (seat.ready) begin();
    else seat.onReady = begin;
  }

  #onMessage(seat: Seat, message: WorkerToFrame): void {
    if (message.type === 'ready') {
      seat.ready = true;
      seat.onReady?.();
      return;
    }
    if (this.#running === seat && mayPass(seat, message)) this.#tell(message);
    if (message.type !== 'done') return;
    if (this.#running === seat) return this.#end();
    // It failed before it was needed. The next run tries again and reports why.
    close(seat);
    if (this.#spares.get(seat.kit) === seat) this.#spares.delete(seat.kit);
  }

  /** Ends the run, if there is one, and gets the next worker ready. */
  #end(): void {
    this.#turn += 1;
    const seat = this.#running;
    if (!seat) return;
    close(seat);
    this.#running = null;
    this.#warm(seat.kit);
  }

  #answer(text: string): void {
    const shared = this.#running?.shared;
    if (!shared) return;
    const bytes = new Uint8Array(LINE_BYTES);
    const { read, written } = new TextEncoder().encodeInto(text, bytes);
    if (read < text.length)
      this.#tell({ type: 'output', chunks: [{ text: INPUT_TOO_LONG, stream: 'stderr' }] });
    new Uint8Array(shared.stdin, LINE_OFFSET).set(bytes.subarray(0, written));
    this.#wake(LINE.ready, written);
  }

  #interrupt(): void {
    const shared = this.#running?.shared;
    if (!shared) return;
    new Uint8Array(shared.interrupt)[0] = SIGINT;
    this.#wake(LINE.interrupted);
  }

  #wake(state: number, length = 0): void {
    const shared = this.#running?.shared;
    if (!shared) return;
    const control = new Int32Array(shared.stdin, 0, 2);
    Atomics.store(control, 1, length);
    Atomics.store(control, 0, state);
    Atomics.notify(control, 0);
  }

  /** Ends a run that could not begin. */
  #fail(text: string): void {
    this.#tell({ type: 'output', chunks: [{ text, stream: 'stderr' }] });
    this.#tell({ type: 'done', ok: false });
  }

  #tell(message: FrameToPage): void {
    this.#port.postMessage(message);
  }
}
