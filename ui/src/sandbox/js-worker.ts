import { outputConsole } from './console';
import { hostLanguage, type Io } from './harness';
import { display, errorText, inspect, ownFiles } from './inspect';
import { Pending } from './pending';
import { linkModules, locateSyntaxError } from './js-modules';
import type { Outcome, Program } from './protocol';
import { sourceMapper } from './source-lines';
import type { Stdin } from './stdin';
import { Timers } from './timers';
import { randomUUID } from './uuid';
import { scope } from './worker-scope';

const pending = new Pending(() => timers.check());
const timers: Timers = new Timers(() => pending.idle);

/** Run is the one program of this worker, from its first line to whatever ends it first. */
class Run {
  readonly done: Promise<Outcome>;
  readonly #io: Io;
  readonly #program: Program;
  /** Writes what the console holds back for a moment. */
  #release: () => void = () => undefined;
  #resolve: (outcome: Outcome) => void = () => undefined;

  constructor(program: Program, io: Io) {
    this.#program = program;
    this.#io = io;
    this.done = new Promise((resolve) => (this.#resolve = resolve));
    scope.addEventListener('error', (event) => {
      event.preventDefault();
      this.fail(event.error ?? event.message);
    });
    scope.addEventListener('unhandledrejection', (event) => {
      event.preventDefault();
      this.fail(event.reason);
    });
  }

  /**
   * start executes the program as an ES module: top-level await works, and its line numbers are the
   * editor's.
   */
  async start(): Promise<void> {
    ownFiles(Object.keys({ ...this.#program.files, [this.#program.fileName]: '' }));
    this.#release = installGlobals(this.#io);
    let sources: ReadonlyMap<string, string> = new Map();
    try {
      const linked = linkModules(this.#program);
      sources = linked.sources;
      await import(/* @vite-ignore */ linked.url);
    } catch (error) {
      this.fail(isUnparsed(error) ? locateSyntaxError(sources, error.message) : error);
      return;
    }
    timers.whenIdle(() => {
      this.#release();
      this.#resolve({ ok: true, exitCode: 0 });
    });
  }

  fail(error: unknown): void {
    const map = sourceMapper(this.#program);
    this.#release();
    this.#io.output.write(`${map(failureText(error))}\n`, 'stderr');
    this.#resolve({ ok: false, exitCode: 1 });
  }
}

function failureText(error: unknown): string {
  if (error instanceof Error) return errorText(error);
  return typeof error === 'string' ? error : `Uncaught ${inspect(error)}`;
}

/** Gives the function that writes what the console holds back. */
function installGlobals({ output, stdin }: Io): () => void {
  pending.install();
  timers.install();
  const target = globalThis as unknown as Record<string, unknown>;
  if (!('randomUUID' in crypto))
    Object.defineProperty(crypto, 'randomUUID', { value: () => randomUUID(), configurable: true });
  const { methods, release } = outputConsole(output);
  target.console = methods;
  target.alert = (message: unknown = '') => methods.log?.(message);
  const ask = (message: unknown, question: string) => {
    release();
    if (message !== '' || question) output.write(`${display(message)}${question} `, 'stdout');
    return readLine(stdin);
  };
  target.prompt = (message: unknown = '') => ask(message, '');
  target.confirm = (message: unknown = '') => /^y/i.test(ask(message, ' [y/N]') ?? '');
  target.readline = () => {
    release();
    return readLine(stdin);
  };
  target.require = (name: unknown) => {
    throw new Error(`require(${inspect(name)}) is not possible here: write import … from './file.js'`);
  };
  return release;
}

function readLine(stdin: Stdin): string | null {
  const read = stdin.read();
  return typeof read === 'object' ? read.line : null;
}

/**
 * A syntax error thrown by import() has no place of its own; one thrown by the program's eval has a
 * stack.
 */
function isUnparsed(error: unknown): error is SyntaxError {
  return error instanceof SyntaxError && !/\b\w+\.\w+:\d+/.test(error.stack ?? '');
}

hostLanguage({
  title: 'JavaScript',
  start: () => null,
  run: (_runtime, program, io) => {
    const run = new Run(program, io);
    void run.start();
    return run.done;
  },
});
