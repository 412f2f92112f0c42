import { serveFromMemory } from './memory-fetch';
import { Exit, runClang, runLLVM } from 'virtual:yowasp-clang';
import { CPP_EXCEPTIONS } from './cpp-exceptions';
import { byteWriter, hostLanguage, type Io } from './harness';
import { PROGRAM_PAGES } from './memory-limit';
import { withinLimits } from './module-limits';
import type { Outcome, Program, Start } from './protocol';
import { filesIn, runWasi, textTree } from './wasi';

/** Without arguments the toolchain loads its files and does nothing. */
async function start(parts: Start): Promise<void> {
  const stop = serveFromMemory(parts);
  await runLLVM(undefined, undefined, { fetchProgress: () => undefined });
  stop();
}

/** Prompts are seen before the program waits, as in a terminal. */
const UNBUFFERED = `#include <stdio.h>
__attribute__((constructor)) static void unbuffered(void) { setvbuf(stdout, 0, _IONBF, 0); }
`;

/**
 * Everything of the standard library, as GCC's header of this name has it; what this one lacks is
 * left out.
 */
const EVERYTHING = `#pragma once
${`algorithm any array atomic bit bitset cassert ccomplex cctype cerrno cfenv cfloat charconv chrono cinttypes climits
  clocale cmath codecvt compare complex concepts condition_variable coroutine csetjmp csignal cstdarg cstddef cstdint
  cstdio cstdlib cstring ctime cuchar cwchar cwctype deque exception execution expected filesystem format forward_list
  fstream functional future initializer_list iomanip ios iosfwd iostream istream iterator latch limits list locale map
  memory memory_resource mutex new numbers numeric optional ostream queue random ranges ratio regex scoped_allocator
  semaphore set shared_mutex source_location span sstream stack stdexcept stop_token streambuf string string_view
  syncstream system_error thread tuple type_traits typeindex typeinfo unordered_map unordered_set utility valarray
  variant vector version`
  .split(/\s+/)
  .map((name) => `#if __has_include(<${name}>)\n#include <${name}>\n#endif`)
  .join('\n')}
`;

/**
 * What the system of WebAssembly has not got is emulated by its library: the clock of a process,
 * signals, its number.
 */
const EMULATED = ['process-clocks', 'signal', 'mman', 'getpid'];

const COMMON = [
  ...['-Wall', '-O1', '-fno-color-diagnostics', '-I.parley'],
  ...['PROCESS_CLOCKS', 'SIGNAL', 'MMAN', 'GETPID'].map((name) => `-D_WASI_EMULATED_${name}`),
  // setjmp and longjmp, by the exceptions of WebAssembly.
  ...['-mllvm', '-wasm-enable-sjlj'],
];

/**
 * As at home: 8 MiB of stack, below everything else, so that what overflows it traps and spoils
 * nothing.
 */
const LINK = [
  ...['-Wl,-z,stack-size=8388608', '-Wl,--stack-first'],
  ...EMULATED.map((name) => `-lwasi-emulated-${name}`),
  ...['-lsetjmp', '-lm', '-lc-printscan-long-double'],
];

/** commandLine is what one would type into a terminal, with our own sources at its end. */
function commandLine(cpp: boolean, sources: readonly string[]): string[] {
  const out = [...LINK, '-o', 'main.wasm'];
  if (!cpp) return ['clang', '-std=gnu17', ...COMMON, ...sources, '.parley/unbuffered.c', ...out];
  return [
    'clang++',
    '-fwasm-exceptions',
    '-std=gnu++20',
    ...COMMON,
    ...sources,
    '.parley/support.cpp',
    ...out,
  ];
}

async function run(_ready: unknown, program: Program, io: Io): Promise<Outcome> {
  const write = byteWriter(io.output, 'stderr');
  const cpp = program.language === 'cpp';
  const sources = sourcesOf(program, cpp);
  const tree = {
    ...filesOf(program.files, HEADER),
    ...sources,
    '.parley': {
      'unbuffered.c': UNBUFFERED,
      'support.cpp': UNBUFFERED + CPP_EXCEPTIONS,
      bits: { 'stdc++.h': EVERYTHING },
    },
  };
  try {
    const show = (bytes: Uint8Array | null) => void (bytes && write(bytes));
    const args = commandLine(cpp, Object.keys(sources));
    const made = await io.compiling(async () => runClang(args, tree, { stdout: show, stderr: show }));
    const wasm = made?.['main.wasm'];
    if (!(wasm instanceof Uint8Array)) return { ok: false, exitCode: 1 };
    return await execute(wasm as Uint8Array<ArrayBuffer>, program, io);
  } catch (error) {
    if (error instanceof Exit) return { ok: false, exitCode: 1 };
    throw error;
  }
}

const HEADER = /\.(h|hpp|hh|inc)$/i;

function filesOf(files: Record<string, string>, name: RegExp): Record<string, string> {
  return Object.fromEntries(Object.entries(files).filter(([one]) => name.test(one)));
}

/**
 * A program is the file that is run and the sources of its language beside it. Another file with a
 * main function is another program, unless the one that is run has none: then it is a part of that.
 */
function sourcesOf({ fileName, code, files }: Program, cpp: boolean): Record<string, string> {
  const beside = Object.entries(filesOf(files, cpp ? /\.(cc|cpp|cxx)$/i : /\.c$/i)).filter(
    ([name]) => name !== fileName && SAFE_NAME.test(name),
  );
  const main = definesMain(code) ? undefined : beside.find(([, text]) => definesMain(text));
  const parts = beside.filter((one) => one === main || !definesMain(one[1]));
  return Object.fromEntries([[fileName, code] as const, ...parts]);
}

/** Nothing that the compiler would take for an option. */
const SAFE_NAME = /^[^-@/][^/]*$/;

function definesMain(text: string): boolean {
  return /^\s*(int|void|auto|signed)\s+main\s*\(/m.test(text);
}

async function execute(wasm: Uint8Array<ArrayBuffer>, program: Program, io: Io): Promise<Outcome> {
  const module = await WebAssembly.compile(withinLimits(wasm, PROGRAM_PAGES));
  try {
    const tree = textTree(program.files);
    const exitCode = await runWasi(module, { args: ['./main'], tree, io });
    io.leave(filesIn(tree));
    return { ok: exitCode === 0, exitCode };
  } catch (error) {
    // It was told by the program itself.
    const uncaught = error instanceof WebAssembly.Exception;
    if (!uncaught && !(error instanceof WebAssembly.RuntimeError)) throw error;
    io.output.write(`${uncaught ? 'Aborted' : trapText(error.message)}\n`, 'stderr');
    return { ok: false, exitCode: 134 };
  }
}

/** A trap of WebAssembly, in the words of those who write C. */
function trapText(message: string): string {
  if (/unreachable/.test(message)) return 'Aborted';
  if (/out of bounds/.test(message)) return 'Segmentation fault (memory access out of bounds)';
  if (/divide by zero/.test(message)) return 'Floating point exception (division by zero)';
  return `Aborted: ${message}`;
}

hostLanguage({ title: 'clang', start, run });
