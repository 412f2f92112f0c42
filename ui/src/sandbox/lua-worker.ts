import { LuaEngine, LuaWasm } from 'wasmoon';
import { picturesIn, type EmscriptenFiles } from './emscripten-files';
import { byteWriter, hostLanguage, muteErrors, part, type Io } from './harness';
import { serveFromMemory } from './memory-fetch';
import type { Outcome, Program, Start } from './protocol';

/** wasmoon asks for its module by this name. */
const GLUE = 'glue.wasm';

async function start(parts: Start): Promise<LuaEngine> {
  part(parts.modules, GLUE);
  const restore = serveFromMemory(parts);
  try {
    return new LuaEngine(await LuaWasm.initialize(`https://runtime.invalid/${GLUE}`), {
      openStandardLibs: true,
    });
  } finally {
    restore();
  }
}

/** Runs the program under a handler that adds where it was, and gives what went wrong. */
const PROGRAM = '__program';
const GUARD = `
local program, leave, name = ${PROGRAM}, ...
${PROGRAM} = nil
for _, stream in ipairs { io.stdout, io.stderr } do stream:setvbuf('no') end
os.exit = function(code, close)
  if close then collectgarbage() end
  if code == nil or code == true then leave(0) end
  leave(math.tointeger(code) or 1)
end
arg = { [0] = name }
local ok, problem = xpcall(program, function(problem)
  local kind = getmetatable(problem)
  if type(problem) == 'table' and not (kind and kind.__tostring) then
    problem = '(error object is a ' .. type(problem) .. ' value)'
  end
  return debug.traceback(tostring(problem), 2)
end)
if ok then return nil, 0 end
return problem, 1
`;

function run(lua: LuaEngine, program: Program, { output, stdin, leave, exit }: Io): Outcome {
  const thread = lua.global;
  const files = filesOfLua(lua);
  for (const [name, text] of Object.entries(program.files)) {
    if (/^[^/\0]+$/.test(name)) files.writeFile(`/${name}`, text);
  }
  const write = { 1: byteWriter(output, 'stdout'), 2: byteWriter(output, 'stderr') };
  connect(files, 0, { read: (max) => stdin.readBytes(max) });
  connect(files, 1, { write: write[1] });
  connect(files, 2, { write: write[2] });
  try {
    thread.loadString(program.code.replace(/^#.*/, ''), `@${program.fileName}`);
  } catch (error) {
    output.write(`lua: ${error instanceof Error ? error.message : String(error)}\n`, 'stderr');
    return { ok: false, exitCode: 1 };
  }
  // It stays on Lua's side: as a value of ours its errors would come back as ours, without their place.
  thread.lua.lua_setglobal(thread.address, PROGRAM);
  const end = (code: number) => {
    leave(picturesIn(files, '/'));
    exit(code & 0xff);
  };
  const [problem, exitCode] = call(lua, GUARD, 'guard', [end, program.fileName]) as [string | null, number];
  if (problem) output.write(`lua: ${ownTrace(problem)}\n`, 'stderr');
  leave(picturesIn(files, '/'));
  // Finalizers are called, as at the end of a process.
  thread.lua.lua_close(thread.address);
  return { ok: exitCode === 0, exitCode: Number(exitCode) };
}

/**
 * What we use of a stream of Emscripten's. The name of the property that holds these is not told.
 */
interface StreamOperations {
  read: (stream: unknown, memory: Int8Array, offset: number, length: number) => number;
  write: (stream: unknown, memory: Int8Array, offset: number, length: number) => number;
}

interface LuaFiles extends EmscriptenFiles {
  streams: Record<string, Partial<StreamOperations> | undefined>[];
}

function filesOfLua(lua: LuaEngine): LuaFiles {
  return (lua as unknown as { cmodule: { module: { FS: LuaFiles } } }).cmodule.module.FS;
}

/**
 * connect makes one of Lua's own streams the program's: all of Lua's library reads and writes as it
 * always does.
 */
function connect(
  files: LuaFiles,
  number: number,
  io: { read?: (max: number) => Uint8Array; write?: (bytes: Uint8Array) => void },
): void {
  const stream = files.streams[number] ?? {};
  const key = Object.keys(stream).find((name) => typeof stream[name]?.write === 'function');
  if (!key) throw new Error(`Lua has no stream ${number}`);
  const operations: Partial<StreamOperations> = {
    read: (_stream, memory, offset, length) => {
      const bytes = io.read?.(length) ?? new Uint8Array();
      memory.set(bytes, offset);
      return bytes.length;
    },
    write: (_stream, memory, offset, length) => {
      io.write?.(Uint8Array.from(new Uint8Array(memory.buffer, memory.byteOffset + offset, length)));
      return length;
    },
  };
  stream[key] = { ...stream[key], ...operations };
}

function call(lua: LuaEngine, code: string, name: string, args: unknown[]): unknown[] {
  const thread = lua.global;
  const base = thread.getTop();
  thread.loadString(code, `=${name}`);
  for (const arg of args) thread.pushValue(arg);
  const results = [...thread.runSync(args.length)];
  thread.setTop(base);
  return results;
}

/** Frames of our own, and of the bridge below, say nothing about the program. */
function ownTrace(trace: string): string {
  const lines = trace.split('\n');
  const end = lines.findIndex((line) => /\[C\]: in function 'xpcall'|^\s*guard:/.test(line));
  return (end < 0 ? lines : lines.slice(0, end)).join('\n');
}

muteErrors();
hostLanguage({ title: 'Lua', start, run });
