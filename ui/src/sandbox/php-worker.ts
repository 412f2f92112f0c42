import './php-document';
import { PhpBase } from 'php-wasm/PhpBase';
import * as loader from 'php-wasm/php8.4-web.mjs';
import { byteWriter, hostLanguage, muteErrors, part, type Io } from './harness';
import { NOWHERE, serveFromMemory } from './memory-fetch';
import { PROGRAM_PAGES } from './memory-limit';
import { picturesIn, type EmscriptenFiles } from './emscripten-files';
import { PhpEnd, type PhpExports } from './php-end';
import { PHP_MAIN } from './php-main';
import type { Outcome, Program, Start } from './protocol';

/** What we use of Emscripten's module. */
interface Php {
  FS: EmscriptenFiles;
}

interface Runtime {
  php: PhpBase;
  end: PhpEnd;
  files: Php['FS'];
  connect: (io: Io) => void;
  /** Passes on what was written without a line end. */
  flush: () => void;
}

/** PHP asks for memory in pages of this many bytes. */
const PAGE = 65_536;
const INITIAL_PAGES = 2048;
const LINE_FEED = 10;
const MOST_WAITING = 4096;

/** mbstring, and the regular expressions that it stands on. */
const LIBRARIES = ['php8.4-mbstring.so', 'libonig.so'];

async function start(parts: Start): Promise<Runtime> {
  const module = part(parts.modules, 'php.wasm');
  const restore = serveFromMemory(parts);
  let io: Io | null = null;
  let atLineEnd = false;
  // A read takes what is there until it hears null. So that it does not ask for a second line
  // before it uses the first, it hears that at the end of each.
  const nextByte = (): number | null => {
    if (atLineEnd) {
      atLineEnd = false;
      return null;
    }
    write.stdout(null);
    const next = io?.stdin.readBytes(1)[0] ?? null;
    atLineEnd = next === LINE_FEED;
    return next;
  };
  let write = { stdout: byte(() => undefined), stderr: byte(() => undefined) };
  let exports: PhpExports | null = null;
  const memory = new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum: PROGRAM_PAGES });
  const php = new PhpBase(Promise.resolve(loader), {
    instantiateWasm: (
      imports: WebAssembly.Imports,
      done: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void,
    ) => {
      void WebAssembly.instantiate(module, imports).then((instance) => {
        exports = instance.exports as unknown as PhpExports;
        done(instance, module);
      });
      return {};
    },
    wasmMemory: memory,
    INITIAL_MEMORY: INITIAL_PAGES * PAGE,
    ini: 'display_errors=1\nhtml_errors=0\nlog_errors=0\nmax_execution_time=0\nimplicit_flush=1\n',
    sharedLibs: LIBRARIES.map((name, i) => ({ name, url: NOWHERE + name, ini: i === 0 })),
    stdin: () => nextByte(),
    stdout: (code: number | null) => write.stdout(code),
    stderr: (code: number | null) => write.stderr(code),
  });
  const { FS } = (await php.binary) as unknown as Php;
  restore();
  const connect = (next: Io) => {
    io = next;
    write = {
      stdout: byte(byteWriter(next.output, 'stdout')),
      stderr: byte(byteWriter(next.output, 'stderr')),
    };
  };
  const flush = () => {
    write.stdout(null);
    write.stderr(null);
  };
  return { php, end: new PhpEnd(exports, memory), files: FS, connect, flush };
}

/** PHP hands over one byte at a time; null means flush. A line is passed on when it is whole. */
function byte(write: (bytes: Uint8Array) => void): (code: number | null) => void {
  let waiting: number[] = [];
  return (code) => {
    if (code !== null) waiting.push(code);
    if (code !== null && code !== LINE_FEED && waiting.length < MOST_WAITING) return;
    write(Uint8Array.from(waiting));
    waiting = [];
  };
}

async function run({ php, end, files, connect, flush }: Runtime, program: Program, io: Io): Promise<Outcome> {
  connect(io);
  for (const [name, text] of Object.entries({ ...program.files, [program.fileName]: program.code })) {
    if (/^[^/\0]+$/.test(name)) files.writeFile(`/${name}`, text);
  }
  const main = PHP_MAIN.replace('__MAIN__', () => quoted(`/${program.fileName}`)).replace('__NAME__', () =>
    quoted(program.fileName),
  );
  const status = Number(await php.run(main));
  const asked = end.take();
  // Ends the request: now what was put off to the end is called, and objects are taken apart.
  await php.refresh();
  flush();
  io.leave(picturesIn(files, '/'));
  const exitCode = end.status() || asked || status;
  return { ok: exitCode === 0, exitCode };
}

/** A string of PHP. */
function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}

muteErrors();
hostLanguage({ title: 'PHP', start, run });
