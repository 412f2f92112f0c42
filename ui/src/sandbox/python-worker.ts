import './no-import-scripts';
import { loadPyodide, type PyodideInterface } from 'pyodide';
import createPyodideModule from 'pyodide/pyodide.asm.mjs';
import { picturesIn, type EmscriptenFiles } from './emscripten-files';
import { byteWriter, hostLanguage, muteErrors, part, type Io } from './harness';
import { NOWHERE, serveFromMemory } from './memory-fetch';
import type { Outcome, Program, Shared, Start } from './protocol';
import { pythonErrorText } from './python-error';

/** Where programs start. */
const HOME = '/home/user';
const SNAPSHOT = 'python.snapshot';

interface Python {
  py: PyodideInterface;
  shared: Shared | null;
  lock: string;
}

/**
 * start restores the memory of a Python that has started already; where that fails, it starts one.
 */
async function start(parts: Start): Promise<Python> {
  const restore = serveFromMemory(parts);
  const lock = new TextDecoder().decode(part(parts.files, 'pyodide-lock.json'));
  const options = {
    indexURL: NOWHERE,
    packageBaseUrl: NOWHERE,
    lockFileContents: lock,
    createPyodideModule,
    env: { PYTHONUNBUFFERED: '1', HOME },
  };
  const snapshot = parts.files[SNAPSHOT];
  try {
    const py = await (snapshot
      ? loadPyodide({ ...options, _loadSnapshot: new Uint8Array(snapshot) }).catch(() => loadPyodide(options))
      : loadPyodide(options));
    // The snapshot holds the random generator's state, so it is seeded again. Plots are drawn into
    // files.
    py.runPython('import os, random; random.seed(); os.environ["MPLBACKEND"] = "agg"');
    return { py, shared: parts.shared, lock };
  } finally {
    restore();
  }
}

async function run({ py, shared }: Python, program: Program, io: Io): Promise<Outcome> {
  connectStreams(py, io);
  if (shared) {
    const flag = new Uint8Array(shared.interrupt);
    flag[0] = 0;
    py.setInterruptBuffer(flag);
  }
  try {
    await installWheels(py, program.wheels ?? {});
    writeFiles(py, program);
    const globals = py.globals.get('dict')();
    globals.set('__name__', '__main__');
    globals.set('__file__', program.fileName);
    await py.runPythonAsync(program.code, { globals, filename: program.fileName });
    flush(py);
    io.leave(picturesIn(py.FS as EmscriptenFiles, HOME));
    return { ok: true, exitCode: 0 };
  } catch (error) {
    flush(py);
    const { text, exitCode } = pythonErrorText(error, program.fileName);
    if (text) io.output.write(text, 'stderr');
    return { ok: exitCode === 0, exitCode };
  }
}

/** The other files of the session can be imported and opened. */
function writeFiles(py: PyodideInterface, program: Program): void {
  for (const [name, text] of Object.entries(program.files)) {
    if (/^[^/\0]+$/.test(name) && name !== '.' && name !== '..') py.FS.writeFile(name, text);
  }
  py.runPython('import sys, os; sys.path.insert(0, os.getcwd())');
  // So that tracebacks can show lines of the program.
  const cache = py.runPython('import linecache; linecache.cache') as { set: (k: string, v: unknown) => void };
  const lines = program.code.split('\n').map((line) => `${line}\n`);
  cache.set(program.fileName, py.toPy([program.code.length, null, lines, program.fileName]));
}

/** Python still buffers text that was printed without a line end. */
function flush(py: PyodideInterface): void {
  py.runPython('import sys; sys.stdout.flush(); sys.stderr.flush()');
}

async function installWheels(py: PyodideInterface, wheels: Record<string, ArrayBuffer>): Promise<void> {
  const names = Object.keys(wheels);
  if (names.length === 0) return;
  const restore = serveFromMemory({ files: wheels, modules: {} });
  try {
    await py.loadPackage(
      names.map((name) => NOWHERE + name),
      { messageCallback: () => undefined, checkIntegrity: false },
    );
  } finally {
    restore();
  }
}

function connectStreams(py: PyodideInterface, { output, stdin }: Io): void {
  const writer = (stream: 'stdout' | 'stderr') => {
    const write = byteWriter(output, stream);
    return {
      isatty: true,
      write: (bytes: Uint8Array) => {
        write(bytes);
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

// KeyboardInterrupt and SystemExit are raised a second time outside of runPythonAsync.
muteErrors();
hostLanguage({ title: 'Python', start, run });
