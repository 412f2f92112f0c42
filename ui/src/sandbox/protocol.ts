/**
 * What page, frame and worker say to each other. The page trusts nothing that comes back: user code shares
 * the worker with our code and can say anything in its name, so all of it is only ever shown as text.
 */

export type OutputStream = 'stdout' | 'stderr' | 'stdin';

export interface OutputChunk {
  text: string;
  stream: OutputStream;
}

/** Kit is all that a language needs to start in the frame; the page fetched it. */
export interface Kit {
  /** Classic script of the worker. */
  worker: string;
  /** Files by name, for instance Pyodide's wasm and standard library. */
  files: Record<string, ArrayBuffer>;
}

export interface Program {
  code: string;
  fileName: string;
  /** Input given beforehand; read before anybody is asked. */
  stdin: string;
}

export type PageToFrame =
  | { type: 'prepare'; language: string; kit: Kit }
  | { type: 'run'; language: string; program: Program }
  | { type: 'stdin'; text: string }
  /** Ask politely; programs that do not listen are killed by whoever asked. */
  | { type: 'interrupt' }
  | { type: 'kill' };

export type FrameToPage =
  /** isolated: programs can wait for input and be interrupted, since memory can be shared. */
  | { type: 'hello'; isolated: boolean }
  /** The runtime is up and the program begins now. */
  | { type: 'started' }
  | Exclude<WorkerToFrame, { type: 'ready' }>;

export type WorkerToFrame =
  | { type: 'ready' }
  | { type: 'output'; chunks: OutputChunk[] }
  | { type: 'input' }
  | { type: 'done'; status: 'ok' | 'error' };

/** Shared memory of one worker; absent where the page is not cross-origin isolated. */
export interface Shared {
  /** Int32: [state of the line, its length in bytes], then the line in UTF-8. */
  stdin: SharedArrayBuffer;
  /** One byte that Python looks at: 2 is SIGINT. */
  interrupt: SharedArrayBuffer;
}

export type FrameToWorker =
  | {
      type: 'start';
      files: Record<string, ArrayBuffer>;
      modules: Record<string, WebAssembly.Module>;
      shared: Shared | null;
    }
  | { type: 'run'; program: Program };

/** States of the shared line. */
export const LINE = { empty: 0, ready: 1, interrupted: 2 } as const;

/** Where the line's bytes begin, and how many fit. */
export const LINE_OFFSET = 8;
export const LINE_BYTES = 64 * 1024;
