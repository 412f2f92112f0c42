import { replayErrors } from '../lib/texts/replay-errors';
import type { FromCompiler, ToCompiler } from './compile-thread';
import { ReplayError } from './replay';
import type { Tape } from './tape';

/** A compiler that says nothing for so long is stuck in a document made for that. */
const SILENT_MS = 30_000;

/** Compiling is one compilation, wherever it runs. */
export interface Compiling {
  push(bytes: Uint8Array): void;
  finish(hidden: Uint8Array | null): Promise<Tape>;
  /** Ends it; finish is never answered then. */
  stop(): void;
}

/**
 * startCompiling compiles in a worker, so that the page stays alive. Where there are none, as in
 * Node, it compiles here. taken: bytes that were read so far.
 */
export async function startCompiling(taken: (bytes: number) => void): Promise<Compiling> {
  // A built page leaves out the other way, and does not hold the compiler twice.
  if (import.meta.env.PROD || typeof Worker === 'function') return new WorkerCompiling(taken);
  const { Compiler } = await import('./compile');
  const compiler = new Compiler();
  let count = 0;
  return {
    push(bytes) {
      compiler.push(bytes);
      taken((count += bytes.length));
    },
    finish(hidden) {
      compiler.endOfLines();
      if (hidden) compiler.pushPrivate(hidden);
      return Promise.resolve(compiler.finish());
    },
    stop() {
      count = 0;
    },
  };
}

class WorkerCompiling implements Compiling {
  readonly #worker = new Worker(new URL('./compile-thread.ts', import.meta.url), { type: 'module' });
  readonly #tape: Promise<Tape>;
  #alive: () => void = () => undefined;

  constructor(taken: (bytes: number) => void) {
    this.#tape = new Promise<Tape>((resolve, reject) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const over = () => {
        clearTimeout(timer);
        this.#alive = () => undefined;
        this.#worker.terminate();
      };
      const fail = (error: ReplayError) => {
        over();
        reject(error);
      };
      this.#alive = () => {
        clearTimeout(timer);
        timer = setTimeout(() => fail(new ReplayError('too_large', replayErrors.tooSlow)), SILENT_MS);
      };
      this.#worker.onmessage = ({ data }: MessageEvent<FromCompiler>) => {
        this.#alive();
        if ('taken' in data) taken(data.taken);
        else if ('tape' in data) {
          over();
          resolve(data.tape);
        } else fail(faultOf(data.fault));
      };
      this.#worker.onerror = () => fail(faultOf(null));
    });
    // Whoever pushes may see the fault later, or never.
    this.#tape.catch(() => undefined);
  }

  push(bytes: Uint8Array): void {
    this.#send({ bytes });
  }

  finish(hidden: Uint8Array | null): Promise<Tape> {
    this.#send({ end: true, hidden });
    return this.#tape;
  }

  stop(): void {
    this.#alive = () => undefined;
    this.#worker.terminate();
  }

  #send(message: ToCompiler): void {
    this.#alive();
    this.#worker.postMessage(message);
  }
}

function faultOf(fault: Extract<FromCompiler, { fault: unknown }>['fault']): ReplayError {
  return fault ? new ReplayError(fault.code, fault.message) : new ReplayError('broken', replayErrors.broken);
}
