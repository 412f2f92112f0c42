import { Directory, File } from '@bjorn3/browser_wasi_shim';
import { byteWriter, hostLanguage, part, type Io } from './harness';
import { PROGRAM_PAGES, limitMemory } from './memory-limit';
import { unpack } from './pack';
import type { Outcome, Program, Start } from './protocol';
import { bytesAt, runWasi, treeOf, type Tree } from './wasi';

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

/** run compiles and links with the real toolchain, then runs what came out. */
async function run(tools: Toolchain, program: Program, io: Io): Promise<Outcome> {
  const sources = goFiles(program);
  const tree: Tree = treeOf([
    ['importcfg', tools.importcfg],
    ...Object.entries(sources).map(
      ([name, text]) => [`src/${name}`, new TextEncoder().encode(text)] as const,
    ),
  ]);
  tree.set('std', tools.std);
  tree.set('tmp', new Directory(new Map()));
  const complain = pathsOfOurOwn(byteWriter(io.output, 'stderr'));
  const tool = (module: WebAssembly.Module, args: string[]) =>
    runWasi(module, { args, env: ENV, tree, io, stdout: complain, stderr: complain });

  const names = Object.keys(sources).map((name) => `/src/${name}`);
  const compileArgs = [
    '-p',
    'main',
    '-complete',
    '-lang=go1.26',
    '-importcfg',
    '/importcfg',
    '-pack',
    '-c=1',
  ];
  const compiled = await tool(tools.compile, [
    'compile',
    ...compileArgs,
    '-trimpath=/src=>.',
    '-o',
    '/main.o',
    ...names,
  ]);
  if (compiled !== 0) return { ok: false, exitCode: 1 };
  const linkArgs = ['-importcfg', '/importcfg', '-s', '-w', '-buildmode=exe', '-o', '/main.wasm', '/main.o'];
  const linked = await tool(tools.link, ['link', ...linkArgs]);
  const wasm = linked === 0 ? bytesAt(tree, 'main.wasm') : null;
  if (!wasm) return { ok: false, exitCode: 1 };
  return execute(wasm, program, io);
}

async function execute(wasm: Uint8Array<ArrayBuffer>, program: Program, io: Io): Promise<Outcome> {
  const module = await WebAssembly.compile(limitMemory(wasm, PROGRAM_PAGES));
  const exitCode = await runWasi(module, {
    args: [program.fileName.replace(/\.go$/, '')],
    env: { PWD: '/', GOTRACEBACK: 'single' },
    tree: new Map(
      Object.entries(program.files).map(([name, text]) => [name, new File(new TextEncoder().encode(text))]),
    ),
    io,
  });
  return { ok: exitCode === 0, exitCode };
}

/** A program is the file that is run and those beside it that belong to the same package. */
function goFiles(program: Program): Record<string, string> {
  const isPart = ([name, text]: [string, string]) =>
    name.endsWith('.go') &&
    !name.endsWith('_test.go') &&
    /^\s*package\s+main\b/m.test(text) &&
    !definesMain(text);
  const others = Object.entries(program.files).filter(([name]) => name !== program.fileName);
  return { ...Object.fromEntries(others.filter(isPart)), [program.fileName]: program.code };
}

/** Another file with a main function is another program. */
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
