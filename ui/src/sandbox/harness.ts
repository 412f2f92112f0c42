import { OutputBuffer } from './output-buffer';
import type { Outcome, OutputStream, Program, Start } from './protocol';
import { Stdin } from './stdin';
import { onFrameMessage, post, scope } from './worker-scope';

/** Io is what a program writes to and reads from. */
export interface Io {
  output: OutputBuffer;
  stdin: Stdin;
}

/** LanguageHost starts a language once and then runs one program; the worker ends with it. */
export interface LanguageHost<T> {
  /** Shown when it cannot start. */
  title: string;
  start: (parts: Start) => Promise<T> | T;
  /** Whoever throws here has failed itself; what is wrong with the program is written to its output. */
  run: (runtime: T, program: Program, io: Io) => Promise<Outcome> | Outcome;
}

/** hostLanguage connects a language to the frame. Call it once, at the end of the worker's script. */
export function hostLanguage<T>({ title, start, run }: LanguageHost<T>): void {
  const output = new OutputBuffer((chunks) => post({ type: 'output', chunks }));
  const end = (outcome: Outcome) => {
    output.flush();
    post({ type: 'done', ...outcome });
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
      .then((runtime) => run(runtime as T, program, { output, stdin }))
      .then(end, (error: unknown) => {
        output.write(`${crashText(error)}\n`, 'stderr');
        end({ ok: false });
      });
  });
}

/** Errors of the runtime itself, for whose sake nobody shall see an empty output. */
export function crashText(error: unknown): string {
  if (error instanceof RangeError && /call stack/i.test(error.message)) return STACK_FULL;
  if (error instanceof RangeError || isOutOfMemory(error)) return MEMORY_FULL;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

export const MEMORY_FULL = 'Out of memory: the program needs more than its limit';
const STACK_FULL = 'Stack overflow: the program calls itself too deeply';

function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && /out of memory|memory\.grow|allocation failed/i.test(error.message);
}

/** muteErrors keeps what a runtime throws a second time, outside of any promise, from the browser's console. */
export function muteErrors(): void {
  scope.addEventListener('error', (event) => event.preventDefault());
  scope.addEventListener('unhandledrejection', (event) => event.preventDefault());
}

/** byteWriter turns the bytes of one stream into text, across the borders of writes. */
export function byteWriter(output: OutputBuffer, stream: OutputStream): (bytes: Uint8Array) => void {
  const decoder = new TextDecoder();
  return (bytes) => output.write(decoder.decode(bytes, { stream: true }), stream);
}

/** lineWriter is for runtimes that hand over a line at a time, without its end. */
export function lineWriter(output: OutputBuffer, stream: OutputStream): (line: string) => void {
  return (line) => output.write(`${line}\n`, stream);
}

/** part gives a file that the page handed over. */
export function part<T>(parts: Record<string, T>, name: string): T {
  const found = parts[name];
  if (found === undefined) throw new Error(`${name} is missing`);
  return found;
}
