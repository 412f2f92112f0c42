import './php-document';
import { PhpBase } from 'php-wasm/PhpBase';
import * as loader from 'php-wasm/php8.4-web.mjs';
import { byteWriter, hostLanguage, muteErrors, part, type Io } from './harness';
import { PROGRAM_PAGES } from './memory-limit';
import { picturesIn, type EmscriptenFiles } from './emscripten-files';
import type { Outcome, Program, Start } from './protocol';

/** What we use of Emscripten's module. */
interface Php {
  FS: EmscriptenFiles;
}

interface Runtime {
  php: PhpBase;
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

async function start({ modules }: Start): Promise<Runtime> {
  const module = part(modules, 'php.wasm');
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
  const php = new PhpBase(Promise.resolve(loader), {
    instantiateWasm: (
      imports: WebAssembly.Imports,
      done: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void,
    ) => {
      void WebAssembly.instantiate(module, imports).then((instance) => done(instance, module));
      return {};
    },
    wasmMemory: new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum: PROGRAM_PAGES }),
    INITIAL_MEMORY: INITIAL_PAGES * PAGE,
    ini: 'display_errors=1\nhtml_errors=0\nlog_errors=0\nmax_execution_time=0\nimplicit_flush=1\n',
    stdin: () => nextByte(),
    stdout: (code: number | null) => write.stdout(code),
    stderr: (code: number | null) => write.stderr(code),
  });
  const { FS } = (await php.binary) as unknown as Php;
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
  return { php, files: FS, connect, flush };
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

async function run({ php, files, connect, flush }: Runtime, program: Program, io: Io): Promise<Outcome> {
  connect(io);
  for (const [name, text] of Object.entries({ ...program.files, [program.fileName]: program.code })) {
    if (/^[^/\0]+$/.test(name)) files.writeFile(`/${name}`, text);
  }
  let failed = false;
  const main = JSON.stringify(`/${program.fileName}`).replaceAll('$', '\\$');
  const status = await php
    .run(
      `<?php define('STDIN', fopen('php://stdin', 'r')); define('STDOUT', fopen('php://stdout', 'w'));` +
        `define('STDERR', fopen('php://stderr', 'w')); chdir('/'); ini_set('memory_limit', '384M'); ob_implicit_flush(true); require ${main};`,
    )
    .catch((error: unknown) => {
      failed = true;
      throw error;
    });
  flush();
  io.leave(picturesIn(files, '/'));
  const exitCode = Number(status);
  return { ok: !failed && exitCode === 0, exitCode };
}

muteErrors();
hostLanguage({ title: 'PHP', start, run });
