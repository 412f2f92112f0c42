import { display, inspect } from './inspect';
import type { OutputBuffer } from './output-buffer';
import type { OutputStream } from './protocol';

type Method = (...args: unknown[]) => void;

/**
 * formatArguments joins console arguments as a terminal would, with printf-style marks in the first
 * one.
 */
export function formatArguments(args: readonly unknown[]): string {
  const [first, ...rest] = args;
  if (typeof first !== 'string' || !first.includes('%')) return args.map(display).join(' ');
  const text = first.replace(/%[sdifjoOc%]/g, (mark) => {
    if (mark === '%%') return '%';
    if (rest.length === 0) return mark;
    return substitute(mark, rest.shift());
  });
  return [text, ...rest.map(display)].join(' ');
}

function substitute(mark: string, value: unknown): string {
  switch (mark) {
    case '%d':
      return String(Number(value));
    case '%i':
      return String(Math.trunc(Number(value)));
    case '%f':
      return String(parseFloat(String(value)));
    case '%c':
      return '';
    case '%s':
      return display(value);
    default:
      return inspect(value);
  }
}

/** outputConsole makes the console of a program that writes to the shared output. */
export function outputConsole(output: OutputBuffer): Record<string, Method> {
  const counts = new Map<string, number>();
  const timers = new Map<string, number>();
  let indent = '';
  const line = (stream: OutputStream, text: string) =>
    output.write(
      `${text
        .split('\n')
        .map((l) => indent + l)
        .join('\n')}\n`,
      stream,
    );
  const to =
    (stream: OutputStream): Method =>
    (...args) =>
      line(stream, formatArguments(args));
  const elapsed = (label: string) =>
    `${label}: ${(performance.now() - (timers.get(label) ?? NaN)).toFixed(3)}ms`;
  const out = to('stdout');
  const err = to('stderr');
  return {
    log: out,
    info: out,
    debug: out,
    dir: (value) => out(inspect(value)),
    table: (value) => out(inspect(value)),
    warn: err,
    error: err,
    trace: (...args) => err('Trace:', ...args),
    assert: (ok, ...args) => {
      if (!ok) err('Assertion failed:', ...args);
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
}
