/**
 * Pending counts what a program has asked of the browser and has not got yet: a run ends when
 * nothing is left to do, as in a terminal, and the browser does not tell. It replaces global
 * functions once; `changed` is called each time something has come back.
 */
export class Pending {
  #count = 0;
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get idle(): boolean {
    return this.#count === 0;
  }

  install(target: Record<string, unknown> = globalThis as unknown as Record<string, unknown>): void {
    for (const [name, methods] of Object.entries(SLOW)) {
      const owner = at(target, name);
      if (owner) for (const method of methods) this.#watch(owner, method, Infinity);
    }
    for (const [name, methods] of Object.entries(STREAMS)) {
      const owner = at(target, name);
      if (owner) for (const method of methods) this.#watch(owner, method, STREAM_MS);
    }
    this.#watchReaders(target);
    this.#watchPorts(target);
  }

  /**
   * Replaces a function that gives a promise by one that is counted until the promise has settled,
   * or for `most` ms.
   */
  #watch(owner: Record<string, unknown>, name: string, most: number): void {
    const native = owner[name];
    if (typeof native !== 'function') return;
    const begin = () => this.#begin(most);
    const watched = {
      [name](this: unknown, ...args: unknown[]): unknown {
        const result: unknown = Reflect.apply(native, this, args);
        if (result instanceof Promise) {
          const end = begin();
          then.call(result, end, end);
        }
        return result;
      },
    };
    define(owner, name, watched[name]);
  }

  /** Readers of files tell by an event. */
  #watchReaders(target: Record<string, unknown>): void {
    const owner = at(target, 'FileReader.prototype') as unknown as FileReader | null;
    if (!owner) return;
    for (const name of ['readAsText', 'readAsArrayBuffer', 'readAsDataURL', 'readAsBinaryString'] as const) {
      const native = owner[name] as (...args: unknown[]) => void;
      const begin = () => this.#begin();
      define(owner, name, function (this: FileReader, ...args: unknown[]) {
        Reflect.apply(native, this, args);
        this.addEventListener('loadend', begin(), { once: true });
      });
    }
  }

  /** A message to a port that listens is on its way until it has come. */
  #watchPorts(target: Record<string, unknown>): void {
    const { MessageChannel: Native, MessagePort: Port } = target as unknown as typeof globalThis;
    if (typeof Native !== 'function' || typeof Port !== 'function') return;
    const ends = new WeakMap<MessagePort, End>();
    const begin = () => this.#begin();
    define(
      target,
      'MessageChannel',
      class MessageChannel extends Native {
        constructor() {
          super();
          const [first, second] = [new End(begin), new End(begin)];
          first.other = second;
          second.other = first;
          ends.set(this.port1, first);
          ends.set(this.port2, second);
          this.port1.addEventListener('message', () => first.arrived());
          this.port2.addEventListener('message', () => second.arrived());
        }
      },
    );
    const { postMessage, start, close } = Port.prototype;
    define(
      Port.prototype,
      'postMessage',
      function (this: MessagePort, ...args: Parameters<typeof postMessage>) {
        Reflect.apply(postMessage, this, args);
        ends.get(this)?.other?.sent();
      },
    );
    define(Port.prototype, 'start', function (this: MessagePort) {
      ends.get(this)?.listen();
      Reflect.apply(start, this, []);
    });
    define(Port.prototype, 'close', function (this: MessagePort) {
      ends.get(this)?.close();
      Reflect.apply(close, this, []);
    });
    const listener = Object.getOwnPropertyDescriptor(Port.prototype, 'onmessage');
    if (!listener?.set) return;
    Object.defineProperty(Port.prototype, 'onmessage', {
      ...listener,
      set(this: MessagePort, handler: unknown) {
        if (handler) ends.get(this)?.listen();
        listener.set?.call(this, handler);
      },
    });
  }

  #begin(most = Infinity): () => void {
    let open = true;
    this.#count += 1;
    const end = () => {
      if (!open) return;
      open = false;
      this.#count -= 1;
      this.#changed();
    };
    if (most < Infinity) delay(end, most);
    return end;
  }
}

/** One end of a channel: what is on its way to it. */
class End {
  other: End | null = null;
  readonly #begin: () => () => void;
  #listening = false;
  #waiting = 0;
  #coming: (() => void)[] = [];

  constructor(begin: () => () => void) {
    this.#begin = begin;
  }

  sent(): void {
    if (this.#listening) this.#coming.push(this.#begin());
    else this.#waiting += 1;
  }

  listen(): void {
    this.#listening = true;
    for (; this.#waiting > 0; this.#waiting--) this.#coming.push(this.#begin());
  }

  arrived(): void {
    this.#coming.shift()?.();
  }

  close(): void {
    this.#listening = false;
    for (const end of this.#coming.splice(0)) end();
    if (!this.other) return;
    this.other.#listening = false;
    for (const end of this.other.#coming.splice(0)) end();
  }
}

/** What takes longer than a moment, by the object that has it. */
const SLOW: Record<string, readonly string[]> = {
  '': ['fetch', 'createImageBitmap'],
  'Blob.prototype': ['text', 'arrayBuffer', 'bytes'],
  'Response.prototype': ['text', 'json', 'arrayBuffer', 'blob', 'bytes', 'formData'],
  'Request.prototype': ['text', 'json', 'arrayBuffer', 'blob', 'bytes', 'formData'],
  'SubtleCrypto.prototype': [
    ...['encrypt', 'decrypt', 'sign', 'verify', 'digest', 'generateKey', 'deriveKey', 'deriveBits'],
    ...['importKey', 'exportKey', 'wrapKey', 'unwrapKey'],
  ],
  'OffscreenCanvas.prototype': ['convertToBlob'],
  WebAssembly: ['compile', 'instantiate', 'compileStreaming', 'instantiateStreaming'],
  'Scheduler.prototype': ['postTask', 'yield'],
};

/** A stream may wait for the program itself, for ever: then it does not hold up the end. */
const STREAMS: Record<string, readonly string[]> = {
  'ReadableStreamDefaultReader.prototype': ['read'],
  'ReadableStreamBYOBReader.prototype': ['read'],
  'ReadableStream.prototype': ['pipeTo'],
  'WritableStreamDefaultWriter.prototype': ['write', 'close'],
};
const STREAM_MS = 2_000;

const { then } = Promise.prototype;
const delay = globalThis.setTimeout.bind(globalThis);

function at(target: Record<string, unknown>, path: string): Record<string, unknown> | null {
  let found: unknown = target;
  for (const step of path.split('.').filter(Boolean)) {
    found = (found as Record<string, unknown> | undefined)?.[step];
  }
  return found ? (found as Record<string, unknown>) : null;
}

function define(owner: object, name: string, value: unknown): void {
  Object.defineProperty(owner, name, { value, writable: true, configurable: true });
}
