import { withinLimits } from './module-limits';
import {
  LINE_BYTES,
  LINE_OFFSET,
  type FrameToWorker,
  type Kit,
  type Shared,
  type WorkerToFrame,
} from './protocol';
import { workerAddress } from './script-address';

/** Most output of a run that is passed on, in UTF-16 units: more than any page shows. */
const MAX_UNITS = 320 * 1024;

/** A language that can be started here: compiled once, used by every worker. */
export interface Runtime {
  script: string;
  files: Record<string, ArrayBuffer>;
  modules: Record<string, WebAssembly.Module>;
}

/**
 * A worker that runs one program and is then thrown away, so that no run can see another's
 * leftovers.
 */
export interface Seat {
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

/** mayPass counts what a worker says, and holds back what is too much. */
export function mayPass(seat: Seat, message: WorkerToFrame): boolean {
  if (message.type === 'picture') {
    seat.pictured += message.data.length;
    return seat.pictured <= MAX_UNITS;
  }
  if (message.type !== 'output') return true;
  if (seat.said > MAX_UNITS) return false;
  for (const { text } of message.chunks) seat.said += text.length;
  return true;
}

/**
 * sharesMemory says whether programs can wait for input here. WebKitGTK calls a document isolated
 * and has no SharedArrayBuffer all the same, so both are asked.
 */
export function sharesMemory(): boolean {
  return globalThis.crossOriginIsolated && typeof SharedArrayBuffer === 'function';
}

/** compile makes a runtime of a kit. */
export async function compile({ worker, files: handed, maxPages }: Kit): Promise<Runtime> {
  const modules: Record<string, WebAssembly.Module> = {};
  const files: Record<string, ArrayBuffer> = {};
  for (const [name, bytes] of Object.entries(handed)) {
    if (name.endsWith('.wasm'))
      modules[name] = await WebAssembly.compile(withinLimits(new Uint8Array(bytes), maxPages));
    else files[name] = bytes;
  }
  return { script: await workerAddress(worker), files, modules };
}

/** startWorker starts a language. The worker says when it is ready to run a program. */
export function startWorker(
  kit: string,
  runtime: Runtime,
  onMessage: (message: WorkerToFrame) => void,
): Seat {
  const shared = sharesMemory()
    ? { stdin: new SharedArrayBuffer(LINE_OFFSET + LINE_BYTES), interrupt: new SharedArrayBuffer(1) }
    : null;
  const worker = new Worker(runtime.script);
  const { files, modules } = runtime;
  // Our own port. Messages from the worker's global scope are the program's, and are ignored.
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data }: MessageEvent<WorkerToFrame>) => onMessage(data);
  worker.postMessage({ type: 'start', files, modules, shared } satisfies FrameToWorker, [port2]);
  const seat: Seat = {
    ...{ kit, worker, port: port1, shared, ready: false, onReady: null, said: 0, pictured: 0 },
  };
  // A script may fail before it can report that. Without this handler its run would wait for ever.
  worker.onerror = ({ message }: { message?: string }) => {
    if (seat.ready) return;
    const text = `${message ?? 'The browser could not start the script of the language.'}\n`;
    onMessage({ type: 'output', chunks: [{ text, stream: 'stderr' }] });
    onMessage({ type: 'done', ok: false });
  };
  return seat;
}

export function close(seat: Seat): void {
  seat.port.onmessage = null;
  seat.port.close();
  seat.worker.terminate();
}
