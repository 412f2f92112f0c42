import { RubyVM } from '@ruby/wasm-wasi';
import { OutputBuffer } from './output-buffer';
import { byteWriter, hostLanguage, muteErrors, part, type Io } from './harness';
import type { Outcome, Program, Start } from './protocol';
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

/** Runs the program as the main file and gives its exit code; what went wrong is printed as ruby prints it. */
const GUARD = `
Dir.chdir("/")
$0 = $PROGRAM_NAME = __NAME__
begin
  eval(File.read("/" + __NAME__), TOPLEVEL_BINDING, __NAME__, 1)
  0
rescue SystemExit => e
  e.status
rescue Exception => e
  e.backtrace&.reject! { |line| line.match?(/\\A(eval:|-e:|\\(eval)|in 'Kernel.eval'\\z/) }
  $stderr.write(e.full_message(highlight: false, order: :top))
  1
end
`;

function run({ vm, tree, connect }: Ruby, program: Program, io: Io): Outcome {
  connect(io);
  for (const [name, file] of textTree({ ...program.files, [program.fileName]: program.code }))
    tree.set(name, file);
  const name = JSON.stringify(program.fileName).replace(/#/g, '\\#');
  const exitCode = Number(vm.eval(GUARD.replaceAll('__NAME__', () => name)).toString());
  io.leave(filesIn(tree));
  return { ok: exitCode === 0, exitCode };
}

muteErrors();
hostLanguage({ title: 'Ruby', start, run });
