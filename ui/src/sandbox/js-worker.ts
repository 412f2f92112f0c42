import { outputConsole } from './console';
import { hostLanguage, type Io } from './harness';
import { display, errorText, inspect } from './inspect';
import { linkModules, locateSyntaxError } from './js-modules';
import type { Outcome, Program } from './protocol';
import { sourceMapper } from './source-lines';
import type { Stdin } from './stdin';
import { Timers } from './timers';
import { scope } from './worker-scope';

const timers = new Timers();

/** Run is the one program of this worker, from its first line to whatever ends it first. */
class Run {
  readonly done: Promise<Outcome>;
  readonly #io: Io;
  readonly #program: Program;
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
    installGlobals(this.#io);
    let sources: ReadonlyMap<string, string> = new Map();
    try {
      const linked = linkModules(this.#program);
      sources = linked.sources;
      await import(/* @vite-ignore */ linked.url);
    } catch (error) {
      this.fail(isUnparsed(error) ? locateSyntaxError(sources, error.message) : error);
      return;
    }
    timers.whenIdle(() => this.#resolve({ ok: true, exitCode: 0 }));
  }

  fail(error: unknown): void {
    const map = sourceMapper(this.#program);
    this.#io.output.write(`${map(failureText(error))}\n`, 'stderr');
    this.#resolve({ ok: false, exitCode: 1 });
  }
}

function failureText(error: unknown): string {
  if (error instanceof Error) return errorText(error);
  return typeof error === 'string' ? error : `Uncaught ${inspect(error)}`;
}

function installGlobals({ output, stdin }: Io): void {
  timers.install();
  const target = globalThis as unknown as Record<string, unknown>;
  target.console = outputConsole(output);
  target.alert = (message: unknown = '') => output.write(`${display(message)}\n`, 'stdout');
  const ask = (message: unknown, question: string) => {
    if (message !== '' || question) output.write(`${display(message)}${question} `, 'stdout');
    return readLine(stdin);
  };
  target.prompt = (message: unknown = '') => ask(message, '');
  target.confirm = (message: unknown = '') => /^y/i.test(ask(message, ' [y/N]') ?? '');
  target.readline = () => readLine(stdin);
  target.require = (name: unknown) => {
    throw new Error(`require(${inspect(name)}) is not possible here: write import … from './file.js'`);
  };
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
