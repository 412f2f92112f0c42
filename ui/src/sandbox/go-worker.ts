import { Directory } from '@bjorn3/browser_wasi_shim';
import { byteWriter, hostLanguage, part, type Io } from './harness';
import { PROGRAM_PAGES } from './memory-limit';
import { withinLimits } from './module-limits';
import { unpack } from './pack';
import type { Outcome, Program, Start } from './protocol';
import { bytesAt, filesIn, runWasi, textTree, treeOf, type Tree } from './wasi';

interface Toolchain {
  compile: WebAssembly.Module;
  link: WebAssembly.Module;
  /** Archives of the standard library, read by both. */
  std: Directory;
  importcfg: Uint8Array;
}

const ENV = { GOOS: 'wasip1', GOARCH: 'wasm', PWD: '/src', GOGC: '400' };

function start({ modules, files }: Start): Toolchain {
  const archives = unpack(part(files, 'std.pack'));
  const std = treeOf([...archives].map(([path, bytes]) => [`${path}.a`, bytes]));
  const lines = [...archives.keys()].map((path) => `packagefile ${path}=/std/${path}.a`);
  return {
    compile: part(modules, 'compile.wasm'),
    link: part(modules, 'link.wasm'),
    std: new Directory(std),
    importcfg: new TextEncoder().encode(`${lines.join('\n')}\n`),
  };
}

async function run(tools: Toolchain, program: Program, io: Io): Promise<Outcome> {
  const wasm = await io.compiling(() => build(tools, program, io));
  return wasm ? execute(wasm, program, io) : { ok: false, exitCode: 1 };
}

/** build compiles and links with the real toolchain. null: that failed, and the output says why. */
async function build(tools: Toolchain, program: Program, io: Io): Promise<Uint8Array<ArrayBuffer> | null> {
  const sources = goFiles(program);
  const texts = Object.entries(sources);
  const tree: Tree = treeOf([
    ['importcfg', tools.importcfg],
    ...texts.map(([name, text]) => [`src/${name}`, new TextEncoder().encode(text)] as const),
  ]);
  tree.set('std', tools.std);
  tree.set('tmp', new Directory(new Map()));
  const complain = pathsOfOurOwn(byteWriter(io.output, 'stderr'));
  const tool = async (module: WebAssembly.Module, args: string[]) =>
    (await runWasi(module, { args, env: ENV, tree, io, stdout: complain, stderr: complain })) === 0;
  const names = texts.map(([name]) => `/src/${name}`);
  const built =
    (await tool(tools.compile, ['compile', ...COMPILE_ARGS, ...names])) &&
    (await tool(tools.link, ['link', ...LINK_ARGS]));
  return built ? bytesAt(tree, 'main.wasm') : null;
}

const COMPILE_ARGS =
  '-p main -complete -lang=go1.26 -importcfg /importcfg -pack -c=1 -trimpath=/src=>. -o /main.o'.split(' ');
const LINK_ARGS = '-importcfg /importcfg -s -w -buildmode=exe -o /main.wasm /main.o'.split(' ');

async function execute(wasm: Uint8Array<ArrayBuffer>, program: Program, io: Io): Promise<Outcome> {
  const module = await WebAssembly.compile(withinLimits(wasm, PROGRAM_PAGES));
  const tree = textTree(program.files);
  const exitCode = await runWasi(module, {
    args: [program.fileName.replace(/\.go$/, '')],
    env: { PWD: '/', GOTRACEBACK: 'single' },
    tree,
    io,
  });
  io.leave(filesIn(tree));
  return { ok: exitCode === 0, exitCode };
}

/**
 * A program is the file that is run and those beside it that belong to the same package. Another
 * file with a main function is another program, unless the one that is run has none: then it is a
 * part of that.
 */
function goFiles({ fileName, code, files }: Pick<Program, 'fileName' | 'code' | 'files'>) {
  const beside = Object.entries(files).filter(
    ([name, text]) => name !== fileName && /(?<!_test)\.go$/.test(name) && /^\s*package\s+main\b/m.test(text),
  );
  const main = definesMain(code) ? undefined : beside.find(([, text]) => definesMain(text));
  const parts = beside.filter((one) => one === main || !definesMain(one[1]));
  return Object.fromEntries([...parts, [fileName, code] as const]);
}

function definesMain(text: string): boolean {
  return /^func\s+main\s*\(\s*\)/m.test(text);
}

/** The compiler names files by the path that it was given. */
function pathsOfOurOwn(write: (bytes: Uint8Array) => void): (bytes: Uint8Array) => void {
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  return (bytes) => write(encoder.encode(decoder.decode(bytes, { stream: true }).replaceAll('/src/', '')));
}

hostLanguage({ title: 'Go', start, run });
