import { parse } from 'acorn';
import { outputConsole } from './console';
import { display, errorText, inspect } from './inspect';
import { OutputBuffer } from './output-buffer';
import type { Program, Shared } from './protocol';
import { Stdin } from './stdin';
import { Timers } from './timers';
import { post, scope } from './worker-scope';

const output = new OutputBuffer((chunks) => post({ type: 'output', chunks }));
const timers = new Timers();
let shared: Shared | null = null;
let ended = false;

scope.addEventListener('message', ({ data }) => {
  if (data.type === 'start') {
    shared = data.shared;
    post({ type: 'ready' });
  } else {
    void run(data.program);
  }
});

scope.addEventListener('error', (event) => {
  event.preventDefault();
  fail(event.error ?? event.message);
});

scope.addEventListener('unhandledrejection', (event) => {
  event.preventDefault();
  fail(event.reason);
});

/** run executes the program as an ES module: top-level await works, and its line numbers are the editor's. */
async function run(program: Program): Promise<void> {
  installGlobals(new Stdin(output, shared, program.stdin));
  const source = `${program.code}\n//# sourceURL=${program.fileName}`;
  const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
  try {
    await import(/* @vite-ignore */ url);
  } catch (error) {
    fail(isUnparsed(error) ? locateSyntaxError(program, error) : error);
    return;
  }
  timers.whenIdle(() => end('ok'));
}

function installGlobals(stdin: Stdin): void {
  timers.install();
  const target = globalThis as unknown as Record<string, unknown>;
  target.console = outputConsole(output);
  target.alert = (message: unknown = '') => output.write(`${display(message)}\n`, 'stdout');
  target.prompt = (message: unknown = '') => {
    if (message !== '') output.write(`${display(message)} `, 'stdout');
    const read = stdin.read();
    return typeof read === 'object' ? read.line : null;
  };
}

/** A syntax error thrown by import() has no place of its own; one thrown by the program's eval has a stack. */
function isUnparsed(error: unknown): error is SyntaxError {
  return error instanceof SyntaxError && !/\bmain\.\w+:\d+/.test(error.stack ?? '');
}

function locateSyntaxError(program: Program, error: SyntaxError): string {
  const head = `SyntaxError: ${error.message}`;
  try {
    parse(program.code, { ecmaVersion: 'latest', sourceType: 'module' });
    return head;
  } catch (found) {
    const { loc } = found as { loc?: { line: number; column: number } };
    if (!loc) return head;
    const text = program.code.split('\n')[loc.line - 1] ?? '';
    const at = `    at ${program.fileName}:${loc.line}:${loc.column + 1}`;
    return `${head}\n${at}\n\n${text}\n${' '.repeat(loc.column)}^`;
  }
}

function fail(error: unknown): void {
  if (ended) return;
  const text =
    error instanceof Error
      ? errorText(error)
      : typeof error === 'string'
        ? error
        : `Uncaught ${inspect(error)}`;
  output.write(`${text}\n`, 'stderr');
  end('error');
}

function end(status: 'ok' | 'error'): void {
  if (ended) return;
  ended = true;
  output.flush();
  post({ type: 'done', status });
}
