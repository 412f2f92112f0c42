import { limitMemory } from './memory-limit';
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

/** No more of a run is handed on than anybody shows, whatever the worker says; in UTF-16 units. */
const MAX_UNITS = 320 * 1024;

/** A language that can be started here: compiled once, used by every worker. */
interface Runtime {
  script: string;
  files: Record<string, ArrayBuffer>;
  modules: Record<string, WebAssembly.Module>;
}

/** A worker that runs one program and is then thrown away, so that no run can see another's leftovers. */
interface Seat {
  kit: string;
  worker: Worker;
  port: MessagePort;
  shared: Shared | null;
  ready: boolean;
  /** What waits until the worker is ready. */
  onReady: (() => void) | null;
  /** UTF-16 units of output and of pictures so far. */
  said: number;
  pictured: number;
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
        this.#runtimes.set(message.kit, compile(message.parts));
        return void this.#spare(message.kit);
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

  /** The warm worker of a kit, started if there is none; null for one never prepared. */
  async #spare(kit: string): Promise<Seat | null> {
    const runtime = await this.#runtimes.get(kit);
    const spare = this.#spares.get(kit);
    if (spare || !runtime) return spare ?? null;
    const seat = startWorker(kit, runtime, (message) => this.#onMessage(seat, message));
    // Languages that nobody has used for a while need not stay warm: each takes memory.
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
    const seat = await this.#spare(kit).catch(() => null);
    if (turn !== this.#turn) return;
    if (!seat) return this.#tell({ type: 'done', ok: false });
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
    // It failed before anybody needed it: the next run tries anew and tells why.
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
    void this.#spare(seat.kit);
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

  #tell(message: FrameToPage): void {
    this.#port.postMessage(message);
  }
}

const INPUT_TOO_LONG = `The input is too long: its first ${LINE_BYTES / 1024 / 1024} MiB are taken.\n`;

/** Workers that wait for a run of their language, at most. */
const MAX_SPARES = 2;

function mayPass(seat: Seat, message: WorkerToFrame): boolean {
  if (message.type === 'picture') {
    seat.pictured += message.data.length;
    return seat.pictured <= MAX_UNITS;
  }
  if (message.type !== 'output') return true;
  if (seat.said > MAX_UNITS) return false;
  for (const { text } of message.chunks) seat.said += text.length;
  return true;
}

async function compile({ worker, files: handed, maxPages }: Kit): Promise<Runtime> {
  const modules: Record<string, WebAssembly.Module> = {};
  const files: Record<string, ArrayBuffer> = {};
  for (const [name, bytes] of Object.entries(handed)) {
    if (name.endsWith('.wasm'))
      modules[name] = await WebAssembly.compile(limitMemory(new Uint8Array(bytes), maxPages));
    else files[name] = bytes;
  }
  const script = URL.createObjectURL(new Blob([worker], { type: 'text/javascript' }));
  return { script, files, modules };
}

function startWorker(kit: string, runtime: Runtime, onMessage: (message: WorkerToFrame) => void): Seat {
  const shared = globalThis.crossOriginIsolated
    ? { stdin: new SharedArrayBuffer(LINE_OFFSET + LINE_BYTES), interrupt: new SharedArrayBuffer(1) }
    : null;
  const worker = new Worker(runtime.script);
  const { files, modules } = runtime;
  // A port of our own: what the worker's global scope sends is the program's, and nobody listens to that.
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data }: MessageEvent<WorkerToFrame>) => onMessage(data);
  worker.postMessage({ type: 'start', files, modules, shared } satisfies FrameToWorker, [port2]);
  return { kit, worker, port: port1, shared, ready: false, onReady: null, said: 0, pictured: 0 };
}

function close(seat: Seat): void {
  seat.port.onmessage = null;
  seat.port.close();
  seat.worker.terminate();
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
