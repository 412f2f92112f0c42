import { RubyVM } from '@ruby/wasm-wasi';
import { OutputBuffer } from './output-buffer';
import { byteWriter, hostLanguage, muteErrors, part, type Io } from './harness';
import type { Outcome, Program, Start } from './protocol';
import { RUBY_MAIN, zoneChanges, zoneText } from './ruby-main';
import { Stdin } from './stdin';
import { filesIn, newWasi, textTree, treeOf, type Tree } from './wasi';

/** Ruby starts before its program comes, so its streams are connected later. */
interface Ruby {
  vm: RubyVM;
  tree: Tree;
  connect: (io: Io) => void;
}

async function start({ modules }: Start): Promise<Ruby> {
  const silent = new OutputBuffer(() => undefined);
  let io: Io = {
    output: silent,
    stdin: new Stdin(silent, null, ''),
    compiling: (compile) => compile(),
    leave: () => undefined,
    exit: () => {
      throw new Error('nothing runs yet');
    },
  };
  const live: Io = {
    get output() {
      return io.output;
    },
    get stdin() {
      return io.stdin;
    },
    compiling: (compile) => io.compiling(compile),
    leave: (left) => io.leave(left),
    exit: (code) => io.exit(code),
  };
  let writers = { stdout: byteWriter(silent, 'stdout'), stderr: byteWriter(silent, 'stderr') };
  const tree = treeOf([]);
  const wasip1 = newWasi({
    args: [],
    env: { HOME: '/' },
    tree,
    io: live,
    stdout: (bytes) => writers.stdout(bytes),
    stderr: (bytes) => writers.stderr(bytes),
  });
  // exit! ends the program there and then.
  wasip1.wasiImport.proc_exit = (code: number) => live.exit(code);
  const { vm } = await RubyVM.instantiateModule({
    module: part(modules, 'ruby.wasm'),
    wasip1: wasip1 as unknown as Parameters<typeof RubyVM.instantiateModule>[0]['wasip1'],
    args: ['ruby.wasm', '-EUTF-8', '-e_=0'],
  });
  // What most programs need, while nobody waits yet.
  vm.eval('require "set"; $stdout.sync = true; $stderr.sync = true');
  const connect = (next: Io) => {
    io = next;
    writers = { stdout: byteWriter(next.output, 'stdout'), stderr: byteWriter(next.output, 'stderr') };
  };
  return { vm, tree, connect };
}

function run({ vm, tree, connect }: Ruby, program: Program, io: Io): Outcome {
  connect(io);
  for (const [name, file] of textTree({ ...program.files, [program.fileName]: program.code }))
    tree.set(name, file);
  const main = RUBY_MAIN.replaceAll('__NAME__', () => quoted(program.fileName)).replace('__ZONE__', () =>
    quoted(zoneText(zoneChanges())),
  );
  const exitCode = Number(vm.eval(main).toString());
  io.leave(filesIn(tree));
  return { ok: exitCode === 0, exitCode };
}

/** A string of Ruby. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(/#/g, '\\#');
}

muteErrors();
hostLanguage({ title: 'Ruby', start, run });
