/**
 * How a language is shown to work: greet reads a line, mistake fails in line 3, parts use each
 * other.
 */
export interface Sample {
  greet: string;
  mistake: string;
  /** What the output says of the mistake. */
  complaint: string | RegExp;
  /** Programs that go on and on after they have said "turning". */
  endless: Partial<Record<'loop' | 'flood' | 'sleep', string>>;
  /** Takes memory until there is none, and what is said then; "": it has to be stopped. */
  eat?: { code: string; says: RegExp };
  /** A program of several files, the last one run, that says "parts work". */
  parts?: Record<string, string>;
  /** A program that names a file which is not there, and what is said of it. */
  missing?: { code: string; says: string };
  /** No standard input: greet says hello by itself. */
  silent?: true;
}

const js = {
  endless: {
    loop: 'console.log("turning");\nwhile (true) {}',
    flood: 'for (;;) console.log("turning".repeat(20));',
    sleep: 'console.log("turning");\nawait new Promise((wake) => setTimeout(wake, 600_000));',
  },
};

export const samples: Record<string, Sample> = {
  JavaScript: {
    ...js,
    greet: 'const name = prompt("name?");\nconsole.log(`hello ${name}`);',
    mistake: 'const boxes = [];\n\nconsole.log(boxes[0].size);',
    complaint: 'main.js:3:',
    parts: {
      'shapes.js': 'export class Square { constructor(side) { this.area = side ** 2; } }',
      'words.js':
        'export { Square } from "./shapes.js";\nexport default (area) => (area === 9 ? "parts" : "no");',
      'main.js':
        'import word, { Square } from "./words";\nconst { Square: Late } = await import("./shapes.js");\nconsole.log(word(new Square(3).area), new Late(1) instanceof Square ? "work" : "fail");',
    },
    missing: { code: '\n\nimport "./nowhere.js";', says: 'main.js:3:8' },
  },
  TypeScript: {
    ...js,
    greet: 'const name: string = prompt("name?") ?? "";\nconsole.log(`hello ${name}`);',
    mistake: 'interface Box { size: number }\nconst boxes: Box[] = [];\nconsole.log(boxes[0]!.size);',
    complaint: 'main.ts:3:',
    parts: {
      'shapes.ts': 'export interface Shape { area: number }\nexport enum Kind { Square = "parts" }',
      'main.ts':
        'import { Kind, type Shape } from "./shapes";\nconst it: Shape = { area: 9 };\nconsole.log(it.area === 9 ? Kind.Square : "no", "work");',
    },
    missing: { code: '\n\nimport "lodash";', says: "Cannot find package 'lodash'" },
  },
  Python: {
    greet: 'name = input("name? ")\nprint("hello", name)',
    mistake: 'x = 1\n\nx / 0',
    complaint: /File "main\.py", line 3[\s\S]*ZeroDivisionError/,
    endless: {
      loop: 'print("turning")\nwhile True: pass',
      flood: 'while True: print("turning" * 20)',
      sleep: 'import time\nprint("turning")\ntime.sleep(600)',
    },
    eat: { code: 'x = []\nwhile True: x.append(bytearray(10**7))', says: /MemoryError/ },
    parts: {
      'shapes.py': 'def area(side):\n    return side ** 2',
      'data.txt': 'parts',
      'main.py':
        'from shapes import area\nprint(open("data.txt").read(), "work" if area(3) == 9 else "fail")',
    },
    missing: { code: '\n\nimport nowhere', says: "No module named 'nowhere'" },
  },
  'SQL (SQLite)': {
    greet: "SELECT 'hello ' || 'Ada' AS greeting, count(*) FROM employees;",
    mistake: 'SELECT 1;\n\nSELECT * FORM employees;',
    complaint: 'main.sql:3: near "FORM"',
    endless: {
      loop: "SELECT 'turning';\nWITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n;",
    },
    eat: {
      code: "SELECT replace(hex(zeroblob(20000000)), '0', 'xxxxxxxxxxxxxxxxxxxx');",
      says: /out of memory|too big/i,
    },
    missing: { code: '\n\n.read other.sql', says: 'main.sql:3:' },
    silent: true,
  },
  'SQL (PostgreSQL)': {
    greet: "SELECT 'hello ' || 'Ada' AS greeting, count(*) FROM employees;",
    mistake: 'SELECT 1;\n\nSELECT * FORM employees;',
    complaint: 'main.pgsql:3: ERROR: syntax error',
    endless: {
      loop: "SELECT 'turning';\nSELECT count(*) FROM generate_series(1, 1e12);",
      flood: "DO $$ BEGIN LOOP RAISE NOTICE 'turning %', repeat('x', 100); END LOOP; END $$;",
      sleep: "SELECT 'turning';\nSELECT pg_sleep(600);",
    },
    eat: {
      code: "SELECT length(string_agg(repeat('x', 1000000), '')) FROM generate_series(1, 2000);",
      says: /memory/i,
    },
    missing: { code: '\n\n\\i other.sql', says: 'main.pgsql:3:' },
    silent: true,
  },
  Lua: {
    greet: 'io.write("name? ")\nlocal name = io.read()\nprint("hello " .. name)',
    mistake: 'local t = {}\n\nprint(t.x.y)',
    complaint: 'main.lua:3: attempt to index',
    endless: {
      loop: 'print("turning")\nwhile true do end',
      flood: 'while true do print(string.rep("turning", 20)) end',
    },
    eat: {
      code: 'local t = {}\nwhile true do t[#t + 1] = string.rep("x", 10000000) .. #t end',
      says: /not enough memory/,
    },
    parts: {
      'shapes.lua': 'return { area = function(side) return side ^ 2 end }',
      'data.txt': 'parts',
      'main.lua':
        'local shapes = require("shapes")\nprint(io.open("data.txt"):read("a"), shapes.area(3) == 9 and "work" or "fail")',
    },
    missing: { code: '\n\nrequire("nowhere")', says: "main.lua:3: module 'nowhere' not found" },
  },
  Ruby: {
    greet: 'print "name? "\nname = gets.chomp\nputs "hello #{name}"',
    mistake: 'x = nil\n\nx.foo',
    complaint: "main.rb:3:in '<main>': undefined method 'foo' for nil",
    endless: {
      loop: 'puts "turning"\nloop {}',
      flood: 'loop { puts "turning" * 20 }',
      sleep: 'puts "turning"\nsleep 600',
    },
    eat: { code: 'a = []\nloop { a << "x" * 10_000_000 }', says: /NoMemoryError/ },
    parts: {
      'shapes.rb': 'def area(side) = side ** 2',
      'words.rb': 'WORD = "parts"',
      'main.rb':
        'require_relative "shapes"\nrequire "./words"\nputs "#{WORD} #{area(3) == 9 ? "work" : "fail"}"',
    },
    missing: { code: '\n\nrequire_relative "nowhere"', says: 'main.rb:3:in' },
  },
  PHP: {
    greet: '<?php\necho "name? ";\necho "hello ", trim(fgets(STDIN)), "\\n";',
    mistake: '<?php\n$x = null;\n$x->foo();',
    complaint: /main\.php:3/,
    endless: {
      loop: '<?php\necho "turning\\n";\nwhile (true) {}',
      flood: '<?php\nwhile (true) echo str_repeat("turning", 20), "\\n";',
      sleep: '<?php\necho "turning\\n";\nsleep(600);',
    },
    eat: {
      code: '<?php\n$a = [];\nwhile (true) $a[] = str_repeat("x", 10000000);',
      says: /Out of memory|Allowed memory size/,
    },
    parts: {
      'shapes.php': '<?php\nfunction area($side) { return $side ** 2; }',
      'main.php': '<?php\nrequire "shapes.php";\necho "parts ", area(3) === 9 ? "work" : "fail", "\\n";',
    },
    missing: { code: '<?php\n\nrequire "nowhere.php";', says: 'main.php' },
  },
  Go: {
    greet:
      'package main\n\nimport "fmt"\n\nfunc main() {\n\tvar name string\n\tfmt.Print("name? ")\n\tfmt.Scan(&name)\n\tfmt.Println("hello", name)\n}',
    mistake: 'package main\n\nvar x int = "no"\n\nfunc main() {}',
    complaint: 'main.go:3:13: cannot use "no"',
    endless: {
      loop: 'package main\n\nfunc main() {\n\tprintln("turning")\n\tfor {\n\t}\n}',
      flood: 'package main\n\nfunc main() {\n\tfor {\n\t\tprintln("turning turning turning turning")\n\t}\n}',
      sleep:
        'package main\n\nimport "time"\n\nfunc main() {\n\tprintln("turning")\n\ttime.Sleep(10 * time.Minute)\n}',
    },
    eat: {
      code: 'package main\n\nfunc main() {\n\tvar all [][]byte\n\tfor {\n\t\tall = append(all, make([]byte, 10<<20))\n\t}\n}',
      says: /out of memory/,
    },
    parts: {
      'shapes.go': 'package main\n\nfunc area(side int) int { return side * side }',
      'other.go': 'package main\n\nfunc main() { panic("another program") }',
      'main.go':
        'package main\n\nimport "fmt"\n\nfunc main() {\n\tfmt.Println("parts", map[bool]string{true: "work"}[area(3) == 9])\n}',
    },
    missing: {
      code: 'package main\n\nimport "github.com/nobody/nowhere"\n\nfunc main() { nowhere.Go() }',
      says: 'main.go:3:8: could not import github.com/nobody/nowhere',
    },
  },
  C: {
    greet:
      '#include <stdio.h>\nint main(void) {\n  char name[20];\n  printf("name? ");\n  scanf("%19s", name);\n  printf("hello %s\\n", name);\n}',
    mistake: 'int main(void) {\n\n  return x;\n}',
    complaint: "main.c:3:10: error: use of undeclared identifier 'x'",
    endless: {
      loop: '#include <stdio.h>\nint main(void) {\n  puts("turning");\n  for (volatile int i = 0;; i++) {}\n}',
      flood: '#include <stdio.h>\nint main(void) {\n  for (;;) puts("turning turning turning turning");\n}',
      sleep:
        '#include <stdio.h>\n#include <unistd.h>\nint main(void) {\n  puts("turning");\n  sleep(600);\n}',
    },
    eat: {
      code: '#include <stdio.h>\n#include <stdlib.h>\nint main(void) {\n  for (;;) {\n    volatile char *p = malloc(10 << 20);\n    if (!p) return puts("malloc: no memory"), 1;\n    p[0] = 1;\n  }\n}',
      says: /no memory/,
    },
    parts: {
      'shapes.h': '#pragma once\nint area(int side);',
      'shapes.c': '#include "shapes.h"\nint area(int side) { return side * side; }',
      'other.c': 'int main(void) { return 1; }',
      'main.c':
        '#include <stdio.h>\n#include "shapes.h"\nint main(void) { printf("parts %s\\n", area(3) == 9 ? "work" : "fail"); }',
    },
    missing: {
      code: '\n\n#include "nowhere.h"\nint main(void) {}',
      says: "main.c:3:10: fatal error: 'nowhere.h' file not found",
    },
  },
  'C++ (beta)': {
    greet:
      '#include <algorithm>\n#include <iostream>\n#include <map>\n#include <string>\n#include <vector>\nint main() {\n  std::vector<std::string> words{"hello", "name?"};\n  std::sort(words.begin(), words.end());\n  std::map<int, std::string> by{{1, words[1]}, {2, words[0]}};\n  std::string name;\n  std::cout << by[1] << " ";\n  std::getline(std::cin, name);\n  std::cout << by[2] << " " << name << std::endl;\n}',
    mistake: 'int main() {\n\n  return x;\n}',
    complaint: "main.cpp:3:10: error: use of undeclared identifier 'x'",
    endless: {
      loop: '#include <cstdio>\nint main() {\n  std::puts("turning");\n  for (volatile int i = 0;; i = i + 1) {}\n}',
    },
    eat: {
      code: 'int main() {\n  for (;;) {\n    char *p = new char[10 << 20];\n    *(volatile char *)p = 1;\n  }\n}',
      says: /memory|bad_alloc/,
    },
    parts: {
      'shapes.hpp': '#pragma once\nint area(int side);',
      'shapes.cpp': '#include "shapes.hpp"\nint area(int side) { return side * side; }',
      'main.cpp':
        '#include <cstdio>\n#include "shapes.hpp"\nint main() { std::printf("parts %s\\n", area(3) == 9 ? "work" : "fail"); }',
    },
    missing: {
      code: '\n\n#include "nowhere.hpp"\nint main() {}',
      says: "main.cpp:3:10: fatal error: 'nowhere.hpp' file not found",
    },
  },
};
