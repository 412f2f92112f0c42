import './no-import-scripts';
import { loadPyodide, type PyodideInterface } from 'pyodide';
import createPyodideModule from 'pyodide/pyodide.asm.mjs';
import { picturesIn, type EmscriptenFiles } from './emscripten-files';
import { byteWriter, hostLanguage, muteErrors, part, type Io } from './harness';
import { NOWHERE, serveFromMemory } from './memory-fetch';
import type { Outcome, Program, Shared, Start } from './protocol';
import { PYTHON_MAIN } from './python-main';
import { unpack } from './pack';

/** Where programs start. */
const HOME = '/home/user';
const SNAPSHOT = 'python.snapshot';
const ZONES = '/usr/share/zoneinfo';

/** What PYTHON_MAIN gives. */
type Prepare = (exit: (code: number) => void, zone: string) => string;
type Run = (code: string, fileName: string) => number;

interface Python {
  py: PyodideInterface;
  shared: Shared | null;
  prepare: Prepare;
  run: Run;
}

/** start restores the memory of a Python that has started already; where that fails, it starts one. */
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
    writeZones(py, part(parts.files, 'zoneinfo.pack'));
    const main = py.runPython(PYTHON_MAIN) as { get: (index: number) => unknown };
    return { py, shared: parts.shared, prepare: main.get(0) as Prepare, run: main.get(1) as Run };
  } finally {
    restore();
  }
}

async function run(
  { py, shared, prepare, run: runMain }: Python,
  program: Program,
  io: Io,
): Promise<Outcome> {
  connectStreams(py, io);
  nameZone(py, prepare(io.exit, Intl.DateTimeFormat().resolvedOptions().timeZone));
  if (shared) {
    const flag = new Uint8Array(shared.interrupt);
    flag[0] = 0;
    py.setInterruptBuffer(flag);
  }
  await installWheels(py, program.wheels ?? {});
  writeFiles(py, program);
  // It runs in this call from its first line to its last: what it waits for, it waits for as at
  // home.
  const exitCode = runMain(program.code, program.fileName);
  io.leave(picturesIn(py.FS as EmscriptenFiles, HOME));
  return { ok: exitCode === 0, exitCode };
}

/** The other files of the session can be imported and opened. */
function writeFiles(py: PyodideInterface, program: Program): void {
  for (const [name, text] of Object.entries({ ...program.files, [program.fileName]: program.code })) {
    if (/^[^/\0]+$/.test(name) && name !== '.' && name !== '..') py.FS.writeFile(name, text);
  }
}

/** The zones of the world stand where Python looks for them. */
function writeZones(py: PyodideInterface, pack: ArrayBuffer): void {
  const made = new Set<string>();
  for (const [name, bytes] of unpack(pack)) {
    const path = `${ZONES}/${name}`;
    const directory = path.slice(0, path.lastIndexOf('/'));
    if (!made.has(directory)) py.FS.mkdirTree(directory);
    made.add(directory);
    py.FS.writeFile(path, bytes);
  }
}

/**
 * Names of standard and summer time stand beside each other in C's memory: their room, and how far
 * apart they begin.
 */
const ZONE_NAME_BYTES = 17;
const ZONE_NAME_STEP = 32;

/**
 * The snapshot was taken elsewhere: C has kept the names of the zones there. names are those here,
 * with a NUL between them.
 */
function nameZone(py: PyodideInterface, names: string): void {
  const { HEAPU8: memory } = (py as unknown as { _module: { HEAPU8: Uint8Array } })._module;
  const bytes = names.split('\0').map((name) => new TextEncoder().encode(name));
  if (bytes.length !== 2 || bytes.some(({ length }) => length >= ZONE_NAME_BYTES)) return;
  const at = zoneNamesIn(memory);
  if (at < 0) return;
  bytes.forEach((name, i) => {
    const start = at + i * ZONE_NAME_STEP;
    memory.fill(0, start, start + ZONE_NAME_BYTES);
    memory.set(name, start);
  });
}

function zoneNamesIn(memory: Uint8Array): number {
  const name = new TextEncoder().encode('UTC-0000\0');
  const is = (at: number) => name.every((byte, i) => memory[at + i] === byte);
  for (let at = memory.indexOf(85); at >= 0; at = memory.indexOf(85, at + 1)) {
    if (is(at) && is(at + ZONE_NAME_STEP)) return at;
  }
  return -1;
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
    read: (buffer: Uint8Array) => {
      const bytes = stdin.readBytes(buffer.length, () => py.checkInterrupt());
      buffer.set(bytes);
      return bytes.length;
    },
  });
}

muteErrors();
hostLanguage({ title: 'Python', start, run });
