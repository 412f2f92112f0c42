import { needsBreaks } from './breaks-needed';
import { lookFromModules } from './look';
import { OutputBuffer } from './output-buffer';
import { MAX_PICTURE_BYTES, picturesAmong, type Left } from './pictures';
import type { Outcome, OutputStream, Program, Start } from './protocol';
import { Stdin } from './stdin';
import { onFrameMessage, post, scope } from './worker-scope';

/** Io is what a program writes to and reads from. */
export interface Io {
  output: OutputBuffer;
  stdin: Stdin;
  /** Runs a compiler. Its time does not count as the program's. */
  compiling: <R>(compile: () => Promise<R>) => Promise<R>;
  /**
   * Takes the files in the program's directory after its end, and shows the pictures among them.
   */
  leave: (left: Left) => void;
  /**
   * Ends the program here and now, as the operating system would: nothing of it runs any more. The
   * frame ends this worker; until then it stands still.
   */
  exit: (code: number) => never;
}

/** LanguageHost starts a language once and then runs one program; the worker ends with it. */
export interface LanguageHost<T> {
  /** Shown when it cannot start. */
  title: string;
  start: (parts: Start) => Promise<T> | T;
  /** Throws when the runtime itself failed. Errors of the program are written to its output. */
  run: (runtime: T, program: Program, io: Io) => Promise<Outcome> | Outcome;
}

/**
 * hostLanguage connects a language to the frame. Call it once, at the end of the worker's script.
 */
export function hostLanguage<T>({ title, start, run }: LanguageHost<T>): void {
  if (needsBreaks()) lookFromModules();
  const output = new OutputBuffer((chunks) => post({ type: 'output', chunks }));
  const end = (outcome: Outcome) => {
    output.flush();
    post({ type: 'done', ...outcome });
  };
  const exit = (exitCode: number): never => {
    end({ ok: exitCode === 0, exitCode });
    return standStill();
  };
  let starting: Promise<T> | null = null;
  let parts: Start | null = null;

  onFrameMessage((message) => {
    if (message.type === 'start') {
      parts = message;
      starting = Promise.resolve(message).then(start);
      starting.then(
        () => post({ type: 'ready' }),
        (error: unknown) => {
          output.write(`${title} could not start: ${String(error)}\n`, 'stderr');
          end({ ok: false });
        },
      );
      return;
    }
    const { program } = message;
    const shared = program.interactive ? (parts?.shared ?? null) : null;
    const stdin = new Stdin(output, shared, program.stdin);
    Promise.resolve(starting)
      .then((runtime) =>
        run(runtime as T, program, { output, stdin, compiling, leave: picturePoster(program, output), exit }),
      )
      .then(end, (error: unknown) => {
        output.write(`${crashText(error)}\n`, 'stderr');
        end({ ok: false });
      });
  });
}

/** Where memory cannot be shared a worker cannot wait, and turns until it is ended. */
function standStill(): never {
  for (;;) {
    if (typeof SharedArrayBuffer === 'function') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  }
}

async function compiling<R>(compile: () => Promise<R>): Promise<R> {
  post({ type: 'compiling' });
  const made = await compile();
  post({ type: 'compiled' });
  return made;
}

function picturePoster({ files }: Program, output: OutputBuffer): Io['leave'] {
  return (left) => {
    const { pictures, tooLarge } = picturesAmong(left, files);
    for (const picture of pictures) post({ type: 'picture', ...picture });
    if (tooLarge.length > 0)
      output.write(
        `${tooLarge.join(', ')}: not shown, the pictures of a run have ${MAX_PICTURE_BYTES / 1024} KiB at most\n`,
        'stderr',
      );
  };
}

/** Text for errors of the runtime itself, so that the output is not empty. */
function crashText(error: unknown): string {
  if (error instanceof RangeError && /call stack/i.test(error.message)) return STACK_FULL;
  if (error instanceof RangeError || isOutOfMemory(error)) return MEMORY_FULL;
  if (error instanceof Error) return `${error.name}: ${error.message}`;
  // Emscripten ends programs by throwing something that is no Error.
  const { message } = (typeof error === 'object' && error !== null ? error : {}) as { message?: unknown };
  return typeof message === 'string' ? message : String(error);
}

const MEMORY_FULL = 'Out of memory: the program needs more than its limit';
const STACK_FULL = 'Stack overflow: the program calls itself too deeply';

function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && /out of memory|memory\.grow|allocation failed/i.test(error.message);
}

/**
 * muteErrors keeps a runtime's own messages out of the browser's console: errors that it throws a
 * second time outside of any promise, and warnings, for instance about used-up memory. Programs do
 * not write there.
 */
export function muteErrors(): void {
  Object.assign(console, { error: () => undefined, warn: () => undefined });
  scope.addEventListener('error', (event) => event.preventDefault());
  scope.addEventListener('unhandledrejection', (event) => event.preventDefault());
}

/** byteWriter turns the bytes of one stream into text, across the borders of writes. */
export function byteWriter(output: OutputBuffer, stream: OutputStream): (bytes: Uint8Array) => void {
  const decoder = new TextDecoder();
  return (bytes) => output.write(decoder.decode(bytes, { stream: true }), stream);
}

/** part gives a file that the page handed over. */
export function part<T>(parts: Record<string, T>, name: string): T {
  const found = parts[name];
  if (found === undefined) throw new Error(`${name} is missing`);
  return found;
}
