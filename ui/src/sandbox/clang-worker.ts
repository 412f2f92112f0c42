import { serveFromMemory } from './memory-fetch';
import { Exit, runClang, runLLVM } from 'virtual:yowasp-clang';
import { byteWriter, hostLanguage, type Io } from './harness';
import { PROGRAM_PAGES, limitMemory } from './memory-limit';
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
 * There are no exceptions in this C++: what would throw ends the program, and says so. These are
 * what the compiler calls for a throw.
 */
const NO_EXCEPTIONS = `#include <stdio.h>
#include <stdlib.h>
extern "C" void *__cxa_allocate_exception(unsigned long size) noexcept { return malloc(size); }
extern "C" void __cxa_throw(void *, void *, void (*)(void *)) {
  fputs("terminated: an exception was thrown, and this C++ has none (beta)\\n", stderr);
  abort();
}
`;

/** What people in interviews include; not part of the library here. */
const EVERYTHING = `#pragma once
${'algorithm array bitset cassert cctype climits cmath cstdint cstdio cstdlib cstring deque functional iomanip iostream iterator limits list map numeric optional queue random set sstream stack string string_view tuple type_traits unordered_map unordered_set utility variant vector'
  .split(' ')
  .map((name) => `#include <${name}>`)
  .join('\n')}
`;

const COMMON = ['-Wall', '-O1', '-fno-color-diagnostics', '-I.parley'];

/** commandLine is what one would type into a terminal, with our own sources at its end. */
function commandLine(cpp: boolean, sources: readonly string[]): string[] {
  if (!cpp) return ['clang', '-std=c17', ...COMMON, ...sources, '.parley/unbuffered.c', '-o', 'main.wasm'];
  const flags = ['-fno-exceptions', '-std=c++20', ...COMMON];
  return ['clang++', ...flags, ...sources, '.parley/support.cpp', '-o', 'main.wasm'];
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
      'support.cpp': UNBUFFERED + NO_EXCEPTIONS,
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
  const module = await WebAssembly.compile(limitMemory(wasm, PROGRAM_PAGES));
  try {
    const tree = textTree(program.files);
    const exitCode = await runWasi(module, { args: ['./main'], tree, io });
    io.leave(filesIn(tree));
    return { ok: exitCode === 0, exitCode };
  } catch (error) {
    if (!(error instanceof WebAssembly.RuntimeError)) throw error;
    io.output.write(`${trapText(error.message)}\n`, 'stderr');
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
