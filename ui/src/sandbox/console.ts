import { consoleTable } from './console-table';
import { HeldLines } from './held-lines';
import { display, inspect, type ShowPromise } from './inspect';
import type { OutputBuffer } from './output-buffer';
import type { OutputStream } from './protocol';

type Method = (...args: unknown[]) => void;

/**
 * formatArguments joins console arguments as a terminal would, with printf-style marks in the first
 * of several.
 */
export function formatArguments(args: readonly unknown[], show?: ShowPromise): string {
  const [first, ...rest] = args;
  if (typeof first !== 'string' || rest.length === 0 || !first.includes('%'))
    return args.map((value) => display(value, show)).join(' ');
  const text = first.replace(/%[sdifjoOc%]/g, (mark) => {
    if (mark === '%%') return '%';
    if (rest.length === 0) return mark;
    return substitute(mark, rest.shift(), show);
  });
  return [text, ...rest.map((value) => display(value, show))].join(' ');
}

function substitute(mark: string, value: unknown, show?: ShowPromise): string {
  switch (mark) {
    case '%d':
      return typeof value === 'bigint' ? `${value}n` : String(Number(value));
    case '%i':
      return typeof value === 'bigint' ? `${value}n` : String(parseInt(String(value), 10));
    case '%f':
      return String(parseFloat(String(value)));
    case '%j':
      return JSON.stringify(value) ?? 'undefined';
    case '%c':
      return '';
    case '%s':
      return display(value, show);
    default:
      return inspect(value, show);
  }
}

export interface OutputConsole {
  methods: Record<string, Method>;
  /** Writes what waits for something to be known. */
  release: () => void;
}

/** outputConsole makes the console of a program that writes to the shared output. */
export function outputConsole(output: OutputBuffer): OutputConsole {
  const counts = new Map<string, number>();
  const timers = new Map<string, number>();
  let indent = '';
  const lines = new HeldLines<OutputStream>((text, stream) => output.write(text, stream));
  const line = (stream: OutputStream, make: (show: ShowPromise) => string) => {
    const before = indent;
    lines.write((show) => `${make(show).replace(/^/gm, before)}\n`, stream);
  };
  const to =
    (stream: OutputStream): Method =>
    (...args) =>
      line(stream, (show) => formatArguments(args, show));
  const elapsed = (label: string) =>
    `${label}: ${(performance.now() - (timers.get(label) ?? NaN)).toFixed(3)}ms`;
  const out = to('stdout');
  const err = to('stderr');
  const methods: Record<string, Method> = {
    log: out,
    info: out,
    debug: out,
    dir: (value) => line('stdout', (show) => inspect(value, show)),
    dirxml: out,
    table: (data, columns) =>
      line('stdout', (show) => consoleTable(data, columns, show) ?? display(data, show)),
    warn: err,
    error: err,
    trace: (...args) => err('Trace:', ...args),
    assert: (ok, ...args) => {
      if (ok) return;
      if (typeof args[0] === 'string') err(`Assertion failed: ${args[0]}`, ...args.slice(1));
      else err('Assertion failed', ...args);
    },
    group: (...args) => {
      if (args.length > 0) out(...args);
      indent += '  ';
    },
    groupCollapsed: (...args) => {
      if (args.length > 0) out(...args);
      indent += '  ';
    },
    groupEnd: () => {
      indent = indent.slice(2);
    },
    count: (label = 'default') => {
      const next = (counts.get(String(label)) ?? 0) + 1;
      counts.set(String(label), next);
      out(`${String(label)}: ${next}`);
    },
    countReset: (label = 'default') => void counts.delete(String(label)),
    time: (label = 'default') => void timers.set(String(label), performance.now()),
    timeLog: (label = 'default', ...args) => out(elapsed(String(label)), ...args),
    timeEnd: (label = 'default') => {
      out(elapsed(String(label)));
      timers.delete(String(label));
    },
    clear: () => undefined,
  };
  return { methods, release: () => lines.release() };
}
