import {
  Directory,
  Fd,
  File,
  type Inode,
  PreopenDirectory,
  WASI,
  WASIProcExit,
  wasi as defs,
} from '@bjorn3/browser_wasi_shim';
import { byteWriter, type Io } from './harness';

/** A terminal, so that programs write line by line and not only when a buffer is full. */
class Terminal extends Fd {
  readonly #io: Partial<{ read: (max: number) => Uint8Array; write: (bytes: Uint8Array) => void }>;

  constructor(io: Partial<{ read: (max: number) => Uint8Array; write: (bytes: Uint8Array) => void }>) {
    super();
    this.#io = io;
  }

  override fd_fdstat_get() {
    const fdstat = new defs.Fdstat(defs.FILETYPE_CHARACTER_DEVICE, 0);
    fdstat.fs_rights_base = BigInt(this.#io.read ? defs.RIGHTS_FD_READ : defs.RIGHTS_FD_WRITE);
    return { ret: 0, fdstat };
  }

  override fd_fdstat_set_flags() {
    return 0;
  }

  override fd_filestat_get() {
    return { ret: 0, filestat: new defs.Filestat(0n, defs.FILETYPE_CHARACTER_DEVICE, 0n) };
  }

  override fd_read(size: number) {
    return this.#io.read
      ? { ret: 0, data: this.#io.read(size) }
      : { ret: defs.ERRNO_BADF, data: new Uint8Array() };
  }

  override fd_write(data: Uint8Array) {
    if (!this.#io.write) return { ret: defs.ERRNO_BADF, nwritten: 0 };
    this.#io.write(data);
    return { ret: 0, nwritten: data.length };
  }
}

export type Tree = Map<string, Inode>;

export interface WasiOptions {
  args: string[];
  env?: Record<string, string>;
  /** What stands at the root of the file system. */
  tree: Tree;
  io: Io;
  /** Where standard output goes, if not to the program's. */
  stdout?: (bytes: Uint8Array) => void;
  stderr?: (bytes: Uint8Array) => void;
}

/** newWasi makes a process with a terminal and files in memory. Nothing else can be reached. */
export function newWasi({ args, env = {}, tree, io, stdout, stderr }: WasiOptions): WASI {
  const fds = [
    new Terminal({ read: (max) => io.stdin.readBytes(max) }),
    new Terminal({ write: stdout ?? byteWriter(io.output, 'stdout') }),
    new Terminal({ write: stderr ?? byteWriter(io.output, 'stderr') }),
    new PreopenDirectory('/', tree),
  ];
  const pairs = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const process = new WASI(args, pairs, fds, { debug: false });
  process.wasiImport.poll_oneoff = (subscriptions: number, events: number, count: number, written: number) =>
    poll(process.inst.exports.memory, { subscriptions, events, count, written });
  process.wasiImport.sched_yield = () => 0;
  for (const name of ['sock_accept', 'sock_recv', 'sock_send', 'sock_shutdown']) {
    process.wasiImport[name] = () => defs.ERRNO_NOTSUP;
  }
  return process;
}

/** runWasi runs a command to its end and gives its exit code. */
export async function runWasi(module: WebAssembly.Module, options: WasiOptions): Promise<number> {
  const process = newWasi(options);
  const instance = await WebAssembly.instantiate(module, { wasi_snapshot_preview1: process.wasiImport });
  try {
    return process.start(instance as Parameters<WASI['start']>[0]);
  } catch (error) {
    // An exception of C++ that nobody has caught.
    const { parley_uncaught: tell } = instance.exports;
    if (error instanceof WebAssembly.Exception && typeof tell === 'function') tell();
    throw error;
  }
}

/** Sizes of the records of poll_oneoff, in bytes. */
const SUBSCRIPTION = 48;
const EVENT = 32;

/**
 * poll sleeps until the first clock of the subscriptions strikes. A subscription to a stream is
 * ready at once: reading waits by itself. The shim's own poll burns the processor, and takes a
 * single clock only.
 */
function poll(
  memory: WebAssembly.Memory,
  at: { subscriptions: number; events: number; count: number; written: number },
): number {
  const view = new DataView(memory.buffer);
  const clocks: { userdata: bigint; due: number }[] = [];
  const ready: { userdata: bigint; type: number }[] = [];
  for (let i = 0; i < at.count; i++) {
    const start = at.subscriptions + i * SUBSCRIPTION;
    const userdata = view.getBigUint64(start, true);
    const type = view.getUint8(start + 8);
    if (type === defs.EVENTTYPE_CLOCK) clocks.push({ userdata, due: dueIn(view, start + 16) });
    else ready.push({ userdata, type });
  }
  if (ready.length === 0 && clocks.length > 0) {
    const first = Math.min(...clocks.map(({ due }) => due));
    sleep(first);
    for (const { userdata, due } of clocks) {
      if (due <= first) ready.push({ userdata, type: defs.EVENTTYPE_CLOCK });
    }
  }
  ready.forEach(({ userdata, type }, i) => {
    const start = at.events + i * EVENT;
    new Uint8Array(memory.buffer, start, EVENT).fill(0);
    view.setBigUint64(start, userdata, true);
    view.setUint8(start + 10, type);
  });
  view.setUint32(at.written, ready.length, true);
  return defs.ERRNO_SUCCESS;
}

/** Milliseconds until a clock subscription strikes. */
function dueIn(view: DataView, start: number): number {
  const realtime = view.getUint32(start, true) === defs.CLOCKID_REALTIME;
  const timeout = Number(view.getBigUint64(start + 8, true)) / 1e6;
  const absolute = (view.getUint16(start + 24, true) & defs.SUBCLOCKFLAGS_SUBSCRIPTION_CLOCK_ABSTIME) !== 0;
  const now = realtime ? Date.now() : performance.now();
  return Math.max(0, absolute ? timeout - now : timeout);
}

/** sleep stops this worker. Where memory cannot be shared it can only count the time. */
export function sleep(ms: number): void {
  if (ms <= 0) return;
  if (typeof SharedArrayBuffer === 'function') {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
    return;
  }
  for (const end = performance.now() + ms; performance.now() < end;);
}

/** textTree makes files of texts. */
export function textTree(files: Record<string, string>): Tree {
  return treeOf(Object.entries(files).map(([name, text]) => [name, new TextEncoder().encode(text)]));
}

/** treeOf makes files, and the directories that their names speak of. */
export function treeOf(files: Iterable<readonly [string, Uint8Array]>): Tree {
  const root: Tree = new Map();
  for (const [name, bytes] of files) {
    const path = name.split('/').filter(Boolean);
    const base = path.pop();
    if (!base) continue;
    let here = root;
    for (const step of path) {
      let next = here.get(step);
      if (!(next instanceof Directory)) here.set(step, (next = new Directory(new Map())));
      here = (next as Directory).contents;
    }
    here.set(base, new File(bytes));
  }
  return root;
}

/** filesIn lists the files at the root of a tree. */
export function* filesIn(tree: Tree): Generator<readonly [string, Uint8Array]> {
  for (const [name, file] of tree) if (file instanceof File) yield [name, file.data];
}

/** bytesAt gives the content of a file; null if there is none. */
export function bytesAt(tree: Tree, name: string): Uint8Array<ArrayBuffer> | null {
  const file = tree.get(name);
  return file instanceof File ? (file.data as Uint8Array<ArrayBuffer>) : null;
}

export { WASIProcExit };
