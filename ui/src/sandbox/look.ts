/**
 * The table that a module with breaks exports (breaks.ts). Its one place holds the function that
 * its loops call now and then.
 */
export const LOOK_TABLE = 'parley:look';

/** A module that imports a.b and exports it as c: tables take functions of WebAssembly alone. */
const WRAPPER = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0],
  ...[2, 7, 1, 1, 97, 1, 98, 0, 0, 7, 5, 1, 1, 99, 0, 0],
);

/**
 * lookFromModules gives modules with breaks what they call. It does nothing: the browser ends a
 * worker that was terminated when it calls a function of JavaScript.
 */
export function lookFromModules(): void {
  const instantiate = WebAssembly.instantiate as (
    module: WebAssembly.Module | BufferSource,
    imports?: WebAssembly.Imports,
  ) => Promise<WebAssembly.Instance | WebAssembly.WebAssemblyInstantiatedSource>;
  const connected = async (...given: Parameters<typeof instantiate>) => {
    const made = await instantiate(...given);
    return made instanceof WebAssembly.Instance ? connect(made, () => undefined) : made;
  };
  Object.assign(WebAssembly, { instantiate: connected });
}

/**
 * connect has an instance call look now and then, if it has breaks. What it gives lacks the table:
 * runtimes list what a module exports.
 */
export function connect(instance: WebAssembly.Instance, look: () => void): WebAssembly.Instance {
  const { [LOOK_TABLE]: table, ...exports } = instance.exports;
  if (!(table instanceof WebAssembly.Table)) return instance;
  const wrapper = new WebAssembly.Instance(new WebAssembly.Module(WRAPPER), { a: { b: look } });
  table.set(0, wrapper.exports.c);
  return Object.create(instance, { exports: { value: Object.freeze(exports) } }) as WebAssembly.Instance;
}
