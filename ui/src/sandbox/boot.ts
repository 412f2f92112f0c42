import {
  LINE,
  LINE_BYTES,
  LINE_OFFSET,
  type FrameToPage,
  type FrameToWorker,
  type Kit,
  type PageToFrame,
  type Program,
  type Shared,
  type WorkerToFrame,
} from './protocol';

/** SIGINT, as Python's interrupt byte wants it. */
const SIGINT = 2;

/** A language that can be started here: compiled once, used by every worker. */
interface Runtime {
  script: string;
  files: Record<string, ArrayBuffer>;
  modules: Record<string, WebAssembly.Module>;
}

/** A worker that runs one program and is then thrown away, so that no run can see another's leftovers. */
interface Seat {
  language: string;
  worker: Worker;
  shared: Shared | null;
  ready: boolean;
  /** What waits until the worker is ready. */
  onReady: (() => void) | null;
}

/**
 * Frame is the inside of the sandbox. This document has an opaque origin and no network; it starts workers
 * from bytes that the page hands over, one per run, with the next one already warming up.
 */
class Frame {
  readonly #port: MessagePort;
  readonly #runtimes = new Map<string, Promise<Runtime>>();
  readonly #spares = new Map<string, Seat>();
  #running: Seat | null = null;
  /** Counts runs, so that a run that was killed while its runtime compiled does not start late. */
  #turn = 0;

  constructor(port: MessagePort) {
    this.#port = port;
    port.onmessage = ({ data }: MessageEvent<PageToFrame>) => this.#on(data);
    this.#tell({ type: 'hello', isolated: globalThis.crossOriginIsolated });
  }

  #on(message: PageToFrame): void {
    switch (message.type) {
      case 'prepare':
        this.#runtimes.set(message.language, compile(message.kit));
        return void this.#spare(message.language);
      case 'run':
        return void this.#run(message.language, message.program);
      case 'stdin':
        return this.#answer(message.text);
      case 'interrupt':
        return this.#interrupt();
      case 'kill':
        return this.#end();
    }
  }

  /** The warm worker of a language, started if there is none; null for a language never prepared. */
  async #spare(language: string): Promise<Seat | null> {
    const runtime = await this.#runtimes.get(language);
    const spare = this.#spares.get(language);
    if (spare || !runtime) return spare ?? null;
    const seat = startWorker(language, runtime);
    this.#spares.set(language, seat);
    seat.worker.onmessage = ({ data }: MessageEvent<WorkerToFrame>) => this.#onMessage(seat, data);
    return seat;
  }

  async #run(language: string, program: Program): Promise<void> {
    const turn = ++this.#turn;
    const seat = await this.#spare(language);
    if (turn !== this.#turn) return;
    if (!seat) return this.#tell({ type: 'done', status: 'error' });
    this.#spares.delete(language);
    this.#running = seat;
    const begin = () => {
      this.#tell({ type: 'started' });
      seat.worker.postMessage({ type: 'run', program } satisfies FrameToWorker);
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
    if (this.#running === seat) this.#tell(message);
    if (message.type !== 'done') return;
    if (this.#running === seat) return this.#end();
    // It failed before anybody needed it: the next run tries anew and tells why.
    seat.worker.terminate();
    if (this.#spares.get(seat.language) === seat) this.#spares.delete(seat.language);
  }

  /** Ends the run, if there is one, and gets the next worker ready. */
  #end(): void {
    this.#turn += 1;
    const seat = this.#running;
    if (!seat) return;
    seat.worker.onmessage = null;
    seat.worker.terminate();
    this.#running = null;
    void this.#spare(seat.language);
  }

  #answer(text: string): void {
    const shared = this.#running?.shared;
    if (!shared) return;
    const bytes = new TextEncoder().encode(text).subarray(0, LINE_BYTES);
    new Uint8Array(shared.stdin, LINE_OFFSET).set(bytes);
    wake(shared, LINE.ready, bytes.length);
  }

  #interrupt(): void {
    const shared = this.#running?.shared;
    if (!shared) return;
    new Uint8Array(shared.interrupt)[0] = SIGINT;
    wake(shared, LINE.interrupted, 0);
  }

  #tell(message: FrameToPage): void {
    this.#port.postMessage(message);
  }
}

function wake(shared: Shared, state: number, length: number): void {
  const control = new Int32Array(shared.stdin, 0, 2);
  Atomics.store(control, 1, length);
  Atomics.store(control, 0, state);
  Atomics.notify(control, 0);
}

async function compile(kit: Kit): Promise<Runtime> {
  const modules: Record<string, WebAssembly.Module> = {};
  const files: Record<string, ArrayBuffer> = {};
  for (const [name, bytes] of Object.entries(kit.files)) {
    if (name.endsWith('.wasm')) modules[name] = await WebAssembly.compile(bytes);
    else files[name] = bytes;
  }
  const script = URL.createObjectURL(new Blob([kit.worker], { type: 'text/javascript' }));
  return { script, files, modules };
}

function startWorker(language: string, runtime: Runtime): Seat {
  const shared = globalThis.crossOriginIsolated
    ? { stdin: new SharedArrayBuffer(LINE_OFFSET + LINE_BYTES), interrupt: new SharedArrayBuffer(1) }
    : null;
  const worker = new Worker(runtime.script);
  const { files, modules } = runtime;
  worker.postMessage({ type: 'start', files, modules, shared } satisfies FrameToWorker);
  return { language, worker, shared, ready: false, onReady: null };
}

/**
 * From here on no script comes over the network, not even our own: the response's policy had to allow this file,
 * and blob workers inherit what the document allows when they start.
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
