import { LuaEngine, LuaWasm } from 'wasmoon';
import { picturesIn, type EmscriptenFiles } from './emscripten-files';
import { hostLanguage, muteErrors, part, type Io } from './harness';
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

/**
 * Lua's own streams end in the browser's console, line by line. These go to the program's output
 * and read from its input; everything else of the standard library is Lua's.
 */
const STREAMS = `
local write, errors, read, ends = ...
local function text(...)
  local parts = table.pack(...)
  for i = 1, parts.n do
    local kind = math.type(parts[i]) or type(parts[i])
    if kind ~= 'string' and kind ~= 'integer' and kind ~= 'float' then
      error("bad argument #" .. i .. " to 'write' (string expected, got " .. type(parts[i]) .. ")", 3)
    end
    parts[i] = tostring(parts[i])
  end
  return table.concat(parts)
end
function print(...)
  local parts = table.pack(...)
  for i = 1, parts.n do parts[i] = tostring(parts[i]) end
  write(table.concat(parts, '\\t') .. '\\n')
end
local pending = ''
local function more()
  local line = read()
  if line == ends then return false end
  pending = pending .. line .. '\\n'
  return true
end
local function take(format)
  if type(format) == 'number' then
    while #pending < format and more() do end
    if #pending == 0 and format > 0 then return nil end
    local part = pending:sub(1, format)
    pending = pending:sub(format + 1)
    return part
  end
  format = format:gsub('^%*', ''):sub(1, 1)
  if format == 'a' then
    while more() do end
    local all = pending
    pending = ''
    return all
  end
  if format == 'n' then
    while not pending:find('%S') and more() do end
    local number, rest = pending:match('^%s*([+-]?[%w%.]+)(.*)$')
    if not number then return nil end
    pending = rest
    return tonumber(number)
  end
  if not pending:find('\\n') and not more() then return nil end
  local line, rest = pending:match('^([^\\n]*)\\n(.*)$')
  pending = rest
  if format == 'L' then return line .. '\\n' end
  return line
end
local function reader(...)
  local formats = table.pack(...)
  if formats.n == 0 then return take('l') end
  local got = {}
  for i = 1, formats.n do
    got[i] = take(formats[i])
    if got[i] == nil then return table.unpack(got, 1, i) end
  end
  return table.unpack(got, 1, formats.n)
end
local stdout = { write = function(self, ...) write(text(...)) return self end, flush = function(self) return self end,
  setvbuf = function() return true end, close = function() return true end }
local stderr = { write = function(self, ...) errors(text(...)) return self end, flush = stdout.flush,
  setvbuf = stdout.setvbuf, close = stdout.close }
local stdin = { read = function(_, ...) return reader(...) end, close = stdout.close,
  lines = function(_, format) return function() return take(format or 'l') end end }
io.stdout, io.stderr, io.stdin = stdout, stderr, stdin
io.write = function(...) write(text(...)) return stdout end
io.read = reader
local files = io.lines
io.lines = function(name, ...)
  if name then return files(name, ...) end
  local format = ... or 'l'
  return function() return take(format) end
end
`;

/** Runs the program under a handler that adds where it was, and gives what went wrong. */
const PROGRAM = '__program';
const GUARD = `
local program = ${PROGRAM}
${PROGRAM} = nil
os.exit = function(code)
  error({ exit = code == nil and 0 or code == true and 0 or code == false and 1 or code }, 0)
end
local ok, problem = xpcall(program, function(problem)
  if type(problem) == 'table' and problem.exit then return problem end
  return debug.traceback(tostring(problem), 2)
end)
if ok then return nil, 0 end
if type(problem) == 'table' then return nil, problem.exit end
return problem, 1
`;

function run(lua: LuaEngine, program: Program, { output, stdin, leave }: Io): Outcome {
  const thread = lua.global;
  const end = '\u0000end';
  for (const [name, text] of Object.entries(program.files)) {
    if (/^[^/\0]+$/.test(name)) filesOfLua(lua).writeFile(`/${name}`, text);
  }
  try {
    call(lua, STREAMS, 'streams', [
      (text: string) => output.write(text, 'stdout'),
      (text: string) => output.write(text, 'stderr'),
      () => {
        const read = stdin.read();
        return typeof read === 'object' ? read.line : end;
      },
      end,
    ]);
    thread.loadString(program.code, `@${program.fileName}`);
  } catch (error) {
    output.write(`lua: ${error instanceof Error ? error.message : String(error)}\n`, 'stderr');
    return { ok: false, exitCode: 1 };
  }
  // It stays on Lua's side: as a value of ours its errors would come back as ours, without their
  // place.
  thread.lua.lua_setglobal(thread.address, PROGRAM);
  const [problem, exitCode] = call(lua, GUARD, 'guard', []) as [string | null, number];
  if (problem) output.write(`lua: ${ownTrace(problem)}\n`, 'stderr');
  leave(picturesIn(filesOfLua(lua), '/'));
  return { ok: exitCode === 0, exitCode: Number(exitCode) };
}

function filesOfLua(lua: LuaEngine): EmscriptenFiles {
  return (lua as unknown as { cmodule: { module: { FS: EmscriptenFiles } } }).cmodule.module.FS;
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
