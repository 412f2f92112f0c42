/**
 * The messages between page, frame and worker. The page trusts none of those that come back: user
 * code shares the worker with our code and may send anything. So their content is only ever shown
 * as text.
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
  /** Most memory that a module among the files may have, in pages of 64 KiB. */
  maxPages: number;
}

export interface Program {
  language: string;
  code: string;
  fileName: string;
  /** All files of the session by name, that of the program among them. */
  files: Record<string, string>;
  /** Input given beforehand; read before anybody is asked. */
  stdin: string;
  /** Whether anybody can be asked for more; else the input ends. */
  interactive: boolean;
  /** Source maps, by name, of files that were made from something else; JSON. */
  sourceMaps?: Record<string, string>;
  /** Python packages by the name of their wheel. */
  wheels?: Record<string, ArrayBuffer>;
}

export type PageToFrame =
  /** Hands over a kit and warms it up. */
  | { type: 'prepare'; kit: string; parts: Kit }
  | { type: 'run'; kit: string; program: Program }
  | { type: 'stdin'; text: string }
  /** The program gets no more input. */
  | { type: 'eof' }
  /** Asks the program to end. The page kills programs that do not. */
  | { type: 'interrupt' }
  | { type: 'kill' }
  | { type: 'ping' };

export type FrameToPage =
  /** isolated: programs can wait for input and be interrupted, since memory can be shared. */
  | { type: 'hello'; isolated: boolean }
  /** The runtime is up and the program begins now. */
  | { type: 'started' }
  | { type: 'killed' }
  | { type: 'pong' }
  | Exclude<WorkerToFrame, { type: 'ready' }>;

/** How a program ended; exitCode as a terminal would have it, where the language has one. */
export interface Outcome {
  ok: boolean;
  exitCode?: number;
}

export type WorkerToFrame =
  | { type: 'ready' }
  | { type: 'output'; chunks: OutputChunk[] }
  | { type: 'input' }
  /**
   * compiling: a compiler runs, whose time does not count as the program's. compiled: the program
   * begins.
   */
  | { type: 'compiling' | 'compiled' }
  /** A file that the program has left; data is Base64. */
  | { type: 'picture'; name: string; mime: string; data: string }
  | ({ type: 'done' } & Outcome);

/**
 * Shared memory of one worker; absent where the page is not cross-origin isolated, or the engine
 * has no SharedArrayBuffer.
 */
export interface Shared {
  /** Int32: [state of the input, its length in bytes], then one line or several in UTF-8. */
  stdin: SharedArrayBuffer;
  /** One byte that Python looks at: 2 is SIGINT. */
  interrupt: SharedArrayBuffer;
}

/** What a worker starts from. */
export interface Start {
  type: 'start';
  files: Record<string, ArrayBuffer>;
  modules: Record<string, WebAssembly.Module>;
  shared: Shared | null;
}

export type FrameToWorker = Start | { type: 'run'; program: Program };

/** States of the shared line. */
export const LINE = { empty: 0, ready: 1, interrupted: 2, end: 3 } as const;

/** Where the bytes of an answer begin, and how many fit: memory that is not used costs nothing. */
export const LINE_OFFSET = 8;
export const LINE_BYTES = 1024 * 1024;
