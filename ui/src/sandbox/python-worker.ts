import './no-import-scripts';
import { loadPyodide, type PyodideInterface } from 'pyodide';
import createPyodideModule from 'pyodide/pyodide.asm.mjs';
import { OutputBuffer } from './output-buffer';
import type { OutputStream, Program, Shared } from './protocol';
import { pythonErrorText } from './python-error';
import { Stdin } from './stdin';
import { post, scope } from './worker-scope';

/** Never fetched: the files are handed in. Pyodide only needs an absolute address to name them by. */
const INDEX_URL = 'https://pyodide.invalid/';

const output = new OutputBuffer((chunks) => post({ type: 'output', chunks }));
let starting: Promise<PyodideInterface> | null = null;
let shared: Shared | null = null;

scope.addEventListener('message', ({ data }) => {
  if (data.type === 'run') {
    void run(data.program);
    return;
  }
  shared = data.shared;
  starting = start(data.files, data.modules);
  void starting.then(
    () => post({ type: 'ready' }),
    (error: unknown) => {
      output.write(`Python could not start: ${String(error)}\n`, 'stderr');
      end('error');
    },
  );
});

// KeyboardInterrupt and SystemExit are raised a second time outside of runPythonAsync.
scope.addEventListener('error', (event) => event.preventDefault());
scope.addEventListener('unhandledrejection', (event) => event.preventDefault());

async function start(
  files: Record<string, ArrayBuffer>,
  modules: Record<string, WebAssembly.Module>,
): Promise<PyodideInterface> {
  const restore = serveFromMemory(files, modules);
  try {
    const lock = files['pyodide-lock.json'];
    return await loadPyodide({
      indexURL: INDEX_URL,
      packageBaseUrl: INDEX_URL,
      lockFileContents: new TextDecoder().decode(lock),
      createPyodideModule,
      env: { PYTHONUNBUFFERED: '1', HOME: '/home/user' },
    });
  } finally {
    restore();
  }
}

/** serveFromMemory answers Pyodide's own requests with the bytes that the page handed over. */
function serveFromMemory(
  files: Record<string, ArrayBuffer>,
  modules: Record<string, WebAssembly.Module>,
): () => void {
  const { fetch } = globalThis;
  const { instantiateStreaming } = WebAssembly;
  globalThis.fetch = (input) => {
    const name =
      String(input instanceof Request ? input.url : input)
        .split('/')
        .pop() ?? '';
    if (modules[name]) return Promise.resolve(new Response(null));
    const bytes = files[name];
    return bytes
      ? Promise.resolve(new Response(bytes))
      : Promise.reject(new TypeError(`no file ${name} here`));
  };
  WebAssembly.instantiateStreaming = async (_source, imports) => {
    const module = modules['pyodide.asm.wasm'];
    if (!module) throw new TypeError('the Python runtime was not handed over');
    return { module, instance: await WebAssembly.instantiate(module, imports) };
  };
  return () => {
    globalThis.fetch = fetch;
    WebAssembly.instantiateStreaming = instantiateStreaming;
  };
}

async function run(program: Program): Promise<void> {
  const py = await starting;
  if (!py) return end('error');
  connectStreams(py, new Stdin(output, shared, program.stdin));
  if (shared) {
    const flag = new Uint8Array(shared.interrupt);
    flag[0] = 0;
    py.setInterruptBuffer(flag);
  }
  try {
    const globals = py.globals.get('dict')();
    globals.set('__name__', '__main__');
    globals.set('__file__', program.fileName);
    await py.runPythonAsync(program.code, { globals, filename: program.fileName });
    end('ok');
  } catch (error) {
    const { text, ok } = pythonErrorText(error, program.fileName);
    if (text) output.write(text, 'stderr');
    end(ok ? 'ok' : 'error');
  }
}

function connectStreams(py: PyodideInterface, stdin: Stdin): void {
  const writer = (stream: OutputStream) => {
    const decoder = new TextDecoder();
    return {
      write: (bytes: Uint8Array) => {
        output.write(decoder.decode(bytes, { stream: true }), stream);
        return bytes.length;
      },
    };
  };
  py.setStdout(writer('stdout'));
  py.setStderr(writer('stderr'));
  py.setStdin({
    stdin: () => {
      const read = stdin.read();
      if (read === 'interrupted') py.checkInterrupt();
      return typeof read === 'object' ? `${read.line}\n` : undefined;
    },
  });
}

function end(status: 'ok' | 'error'): void {
  output.flush();
  post({ type: 'done', status });
}
