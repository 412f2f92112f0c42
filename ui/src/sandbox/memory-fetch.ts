/** Files that a runtime would fetch, by the last part of their address. */
export interface Handed {
  files: Record<string, ArrayBuffer>;
  modules: Record<string, WebAssembly.Module>;
}

/** A base address that leads nowhere, for runtimes that build absolute addresses of their files. */
export const NOWHERE = 'https://runtime.invalid/';

/** Header that says which file an answer is; some runtimes wrap answers, and copy these. */
const NAME = 'x-file';

const native = globalThis.fetch.bind(globalThis);
let answer: typeof fetch = native;

// Some runtimes take the function when they load, before there is anything to serve. So its
// behaviour can be changed later.
globalThis.fetch = (input, init) => answer(input, init);

/**
 * serveFromMemory answers a runtime's requests with the files that the page handed over, because
 * there is no network. Modules are compiled already, so compiling them returns them as they are.
 * The returned function ends it.
 */
export function serveFromMemory({ files, modules }: Handed): () => void {
  const { instantiateStreaming, compileStreaming } = WebAssembly;
  answer = (input) => {
    const name = lastPart(input instanceof Request ? input.url : String(input));
    const bytes = files[name];
    if (!bytes && !modules[name]) return Promise.reject(new TypeError(`no file ${name} here`));
    return Promise.resolve(new Response(bytes ?? '', { headers: { [NAME]: name } }));
  };
  const moduleOf = async (source: Response | PromiseLike<Response>) => {
    const module = modules[(await source).headers.get(NAME) ?? ''];
    if (!module) throw new TypeError('this module was not handed over');
    return module;
  };
  WebAssembly.compileStreaming = moduleOf;
  WebAssembly.instantiateStreaming = async (source, imports) => {
    const module = await moduleOf(source);
    return { module, instance: await WebAssembly.instantiate(module, imports) };
  };
  return () => {
    answer = native;
    Object.assign(WebAssembly, { instantiateStreaming, compileStreaming });
  };
}

function lastPart(url: string): string {
  return (
    url
      .replace(/[?#].*$/, '')
      .split('/')
      .pop() ?? ''
  );
}
