/** Bounds that keep one console.log from filling the whole output. */
const MAX_DEPTH = 4;
const MAX_ITEMS = 100;
const MAX_STRING = 10_000;
/** Longest value that stays on one line. */
const LINE_WIDTH = 76;

/** How a promise is written; whoever cannot tell yet gives a mark for it. */
export type ShowPromise = (promise: Promise<unknown>, depth: number) => string;

const unknownPromise: ShowPromise = () => 'Promise { <pending> }';

/**
 * inspect writes any value the way a developer expects to read it in a terminal. It never throws.
 */
export function inspect(value: unknown, showPromise = unknownPromise, depth = 0): string {
  return new Inspector(showPromise).show(value, depth);
}

/** display is what console.log does with one argument: bare text stays bare. */
export function display(value: unknown, showPromise = unknownPromise): string {
  return typeof value === 'string' ? value : inspect(value, showPromise);
}

/** promiseText writes a promise whose state is known. */
export function promiseText(state: PromiseState, depth: number): string {
  if (state.status === 'pending') return 'Promise { <pending> }';
  const value = inspect(state.value, unknownPromise, depth + 1);
  return wrap('Promise {', [state.status === 'rejected' ? `<rejected> ${value}` : value], '}', depth);
}

export type PromiseState = { status: 'pending' } | { status: 'fulfilled' | 'rejected'; value: unknown };

class Inspector {
  /** Objects on the way from the root to here: meeting one again is a cycle. */
  readonly #path: object[] = [];
  /** Those that were met again, by their number. */
  readonly #cycles = new Map<object, number>();
  readonly #showPromise: ShowPromise;

  constructor(showPromise: ShowPromise) {
    this.#showPromise = showPromise;
  }

  show(value: unknown, depth: number): string {
    if (typeof value === 'string') return quote(value);
    if (typeof value === 'bigint') return `${value}n`;
    if (Object.is(value, -0)) return '-0';
    if (typeof value === 'function') return functionLabel(value);
    if (typeof value !== 'object' || value === null) return String(value);
    if (this.#path.includes(value)) return `[Circular *${this.#cycle(value)}]`;
    this.#path.push(value);
    try {
      const text = this.#object(value, depth);
      const cycle = this.#cycles.get(value);
      return cycle === undefined ? text : `<ref *${cycle}> ${text}`;
    } catch {
      return '[object that cannot be shown]';
    } finally {
      this.#path.pop();
    }
  }

  #cycle(value: object): number {
    const number = this.#cycles.get(value) ?? this.#cycles.size + 1;
    this.#cycles.set(value, number);
    return number;
  }

  #object(value: object, depth: number): string {
    if (value instanceof Error) return this.#error(value, depth);
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
    if (value instanceof RegExp) return String(value);
    if (value instanceof Promise) return this.#showPromise(value, depth);
    if (value instanceof WeakMap || value instanceof WeakSet)
      return `${className(value)} { <items unknown> }`;
    if (value instanceof Number || value instanceof String || value instanceof Boolean) {
      return `[${className(value)}: ${this.show(value.valueOf(), depth)}]`;
    }
    if (depth > MAX_DEPTH) return Array.isArray(value) ? '[Array]' : `[${className(value) || 'Object'}]`;
    if (Array.isArray(value)) return this.#array(value, '', depth);
    if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
      const items = Array.from(value as unknown as ArrayLike<unknown>);
      return this.#array(items, `${className(value)}(${items.length}) `, depth);
    }
    if (value instanceof Map) return this.#map(value, depth);
    if (value instanceof Set) {
      const items = [...value].slice(0, MAX_ITEMS).map((item) => this.show(item, depth + 1));
      return wrap(`Set(${value.size}) {`, withRest(items, value.size), '}', depth);
    }
    return this.#record(value, depth);
  }

  /** Properties that a program has added to an error are told behind it. */
  #error(error: Error, depth: number): string {
    const more = Object.keys(error).filter((key) => !['name', 'message', 'stack', 'cause'].includes(key));
    const shown = more.map((key) => `${keyText(key)}: ${this.#property(error, key, depth)}`);
    if (error instanceof AggregateError) shown.push(`[errors]: ${this.show(error.errors, depth + 1)}`);
    return shown.length > 0 ? `${errorText(error)} ${wrap('{', shown, '}', depth)}` : errorText(error);
  }

  #array(items: readonly unknown[], prefix: string, depth: number): string {
    const shown: string[] = [];
    let taken = 0;
    for (; taken < items.length && shown.length < MAX_ITEMS; taken++) {
      if (taken in items) shown.push(this.show(items[taken], depth + 1));
      else {
        const from = taken;
        while (taken + 1 < items.length && !(taken + 1 in items)) taken++;
        const gap = taken - from + 1;
        shown.push(`<${gap} empty item${gap === 1 ? '' : 's'}>`);
      }
    }
    return wrap(`${prefix}[`, withRest(shown, shown.length + items.length - taken), ']', depth);
  }

  #map(map: ReadonlyMap<unknown, unknown>, depth: number): string {
    const entries = [...map].slice(0, MAX_ITEMS);
    const shown = entries.map(
      ([key, item]) => `${this.show(key, depth + 1)} => ${this.show(item, depth + 1)}`,
    );
    return wrap(`Map(${map.size}) {`, withRest(shown, map.size), '}', depth);
  }

  #record(value: object, depth: number): string {
    const keys = Reflect.ownKeys(value).filter((key) =>
      Object.prototype.propertyIsEnumerable.call(value, key),
    );
    const shown = keys
      .slice(0, MAX_ITEMS)
      .map((key) => `${keyText(key)}: ${this.#property(value, key, depth)}`);
    const name = className(value);
    return wrap(name && name !== 'Object' ? `${name} {` : '{', withRest(shown, keys.length), '}', depth);
  }

  /** Getters are named, not called: looking must not change the program. */
  #property(value: object, key: string | symbol, depth: number): string {
    const property = Object.getOwnPropertyDescriptor(value, key);
    if (property?.get) return property.set ? '[Getter/Setter]' : '[Getter]';
    if (property?.set) return '[Setter]';
    return this.show(property?.value, depth + 1);
  }
}

function className(value: object): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null) return '[Object: null prototype]';
  const name: unknown = (prototype as { constructor?: { name?: unknown } }).constructor?.name;
  return typeof name === 'string' ? name : '';
}

function functionLabel(value: { name: string }): string {
  const isClass = Function.prototype.toString.call(value).startsWith('class');
  const name = value.name || '(anonymous)';
  const parent: unknown = Object.getPrototypeOf(value);
  if (isClass && typeof parent === 'function' && parent.name) return `[class ${name} extends ${parent.name}]`;
  return isClass ? `[class ${name}]` : `[Function: ${name}]`;
}

function quote(text: string): string {
  const cut =
    text.length > MAX_STRING ? `${text.slice(0, MAX_STRING)}… ${text.length - MAX_STRING} more` : text;
  const mark = cut.includes("'") && !cut.includes('"') ? '"' : "'";
  const escaped = cut.replace(
    /[\\\n\r\t]/g,
    (c) => ({ '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' })[c] ?? c,
  );
  return mark + (mark === "'" ? escaped.replace(/'/g, "\\'") : escaped) + mark;
}

function keyText(key: string | symbol): string {
  if (typeof key === 'symbol') return `[${String(key)}]`;
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : quote(key);
}

function withRest(shown: string[], total: number): string[] {
  const rest = total - shown.length;
  return rest > 0 ? [...shown, `… ${rest} more item${rest === 1 ? '' : 's'}`] : shown;
}

/** On one line if it fits, else one item per line, or many short ones side by side. */
function wrap(open: string, items: string[], close: string, depth: number): string {
  if (items.length === 0) return open + close;
  const gap = open.endsWith('[') && close === ']' ? ' ' : ' ';
  const line = `${open}${gap}${items.join(', ')}${gap}${close}`;
  if (line.length <= LINE_WIDTH && !line.includes('\n')) return line;
  const indent = '  '.repeat(depth + 1);
  return `${open}\n${fill(items, indent)}\n${'  '.repeat(depth)}${close}`;
}

function fill(items: string[], indent: string): string {
  const short = items.every((item) => item.length <= 6 && !item.includes('\n'));
  if (!short) return items.map((item) => indent + item).join(',\n');
  const lines: string[] = [];
  for (const item of items) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + item.length + 2 <= LINE_WIDTH)
      lines[lines.length - 1] = `${last}, ${item}`;
    else lines.push(indent + item);
  }
  return lines.join(',\n');
}

/** A place in a file of the program, as stacks have it. */
let ownPlaces = /\bmain\.\w+:\d+/;

/** ownFiles says which files are the program's: their places are shown. */
export function ownFiles(names: readonly string[]): void {
  const one = names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  if (one) ownPlaces = new RegExp(`(?:^|[\\s(@/])(?:${one}):\\d+`);
}

/** errorText gives the error with those frames of its stack that are the user's own. */
export function errorText(error: Error): string {
  const head = `${error.name}: ${error.message}`;
  const stack = typeof error.stack === 'string' ? error.stack : '';
  const own = stack.split('\n').filter((line) => ownPlaces.test(line) && !line.startsWith(head));
  const frames = own.map((line) => `    at ${frameText(line)}`);
  const cause = error.cause instanceof Error ? [`  [cause]: ${errorText(error.cause)}`] : [];
  return [head, ...frames, ...cause].join('\n');
}

/** One spelling for Chromium's "at f (main.js:1:2)" and Firefox's "f@main.js:1:2". */
function frameText(line: string): string {
  const firefox = /^\s*([^@\s]*)@(\S+)$/.exec(line);
  if (!firefox) return line.replace(/^\s*at (async )?/, '$1');
  return firefox[1] ? `${firefox[1]} (${firefox[2]})` : (firefox[2] ?? line.trim());
}
