import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { outDir } from './support/paths';
import { Room } from './support/room';
import { Stage } from './support/stage';
import { until } from './support/until';

/** How a language is shown to work: greet reads a line, mistake fails in line 3, loop never ends. */
interface Sample {
  greet: string;
  mistake: string;
  /** What the output says of the mistake. */
  complaint: string | RegExp;
  loop: string;
  /** No standard input: greet says hello by itself. */
  silent?: true;
}

const samples: Record<string, Sample> = {
  TypeScript: {
    greet: 'const name: string = prompt("name?") ?? "";\nconsole.log(`hello ${name}`);',
    mistake: 'interface Box { size: number }\nconst boxes: Box[] = [];\nconsole.log(boxes[0]!.size);',
    complaint: 'main.ts:3:',
    loop: 'console.log("turning");\nwhile (true) {}',
  },
  Python: {
    greet: 'name = input("name? ")\nprint("hello", name)',
    mistake: 'x = 1\n\nx / 0',
    complaint: /File "main\.py", line 3[\s\S]*ZeroDivisionError/,
    loop: 'print("turning")\nwhile True: pass',
  },
  'SQL (SQLite)': {
    greet: "SELECT 'hello ' || 'Ada' AS greeting, count(*) FROM employees;",
    mistake: 'SELECT 1;\n\nSELECT * FORM employees;',
    complaint: 'main.sql:3: near "FORM"',
    loop: "SELECT 'turning';\nWITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n;",
    silent: true,
  },
  'SQL (PostgreSQL)': {
    greet: "SELECT 'hello ' || 'Ada' AS greeting, count(*) FROM employees;",
    mistake: 'SELECT 1;\n\nSELECT * FORM employees;',
    complaint: 'main.pgsql:3: ERROR: syntax error',
    loop: "SELECT 'turning';\nSELECT count(*) FROM generate_series(1, 1e12);",
    silent: true,
  },
  Lua: {
    greet: 'io.write("name? ")\nlocal name = io.read()\nprint("hello " .. name)',
    mistake: 'local t = {}\n\nprint(t.x.y)',
    complaint: 'main.lua:3: attempt to index',
    loop: 'print("turning")\nwhile true do end',
  },
  Ruby: {
    greet: 'print "name? "\nname = gets.chomp\nputs "hello #{name}"',
    mistake: 'x = nil\n\nx.foo',
    complaint: "main.rb:3:in '<main>': undefined method 'foo' for nil",
    loop: 'puts "turning"\nloop {}',
  },
  PHP: {
    greet: '<?php\necho "name? ";\necho "hello ", trim(fgets(STDIN)), "\\n";',
    mistake: '<?php\n$x = null;\n$x->foo();',
    complaint: /main\.php:3/,
    loop: '<?php\necho "turning\\n";\nwhile (true) {}',
  },
  Go: {
    greet:
      'package main\n\nimport "fmt"\n\nfunc main() {\n\tvar name string\n\tfmt.Print("name? ")\n\tfmt.Scan(&name)\n\tfmt.Println("hello", name)\n}',
    mistake: 'package main\n\nvar x int = "no"\n\nfunc main() {}',
    complaint: 'main.go:3:13: cannot use "no"',
    loop: 'package main\n\nfunc main() {\n\tprintln("turning")\n\tfor {\n\t}\n}',
  },
  C: {
    greet:
      '#include <stdio.h>\nint main(void) {\n  char name[20];\n  printf("name? ");\n  scanf("%19s", name);\n  printf("hello %s\\n", name);\n}',
    mistake: 'int main(void) {\n\n  return x;\n}',
    complaint: "main.c:3:10: error: use of undeclared identifier 'x'",
    loop: '#include <stdio.h>\nint main(void) {\n  puts("turning");\n  for (volatile int i = 0;; i++) {}\n}',
  },
};

/** Compiling on a machine that is busy with other tests takes its time. */
const slow = 100_000;

/** What is reported in README.md: seconds from Run to the first output. */
const measured: { language: string; first: number; again: number }[] = [];

describe('every language', () => {
  const stage = new Stage();
  afterAll(() => writeFileSync(join(outDir, 'languages.json'), JSON.stringify(measured, null, 1)));

  for (const [language, sample] of Object.entries(samples)) {
    test(
      `${language}: says hello, names the line of a mistake, is stopped`,
      { timeout: 300_000 },
      async () => {
        const room = await Room.create(await stage.visitor('Ada'));
        const hello = async (first: string) => {
          const started = performance.now();
          await room.run(language, sample.greet);
          if (sample.silent) return room.outputHas('hello Ada', slow).then(() => performance.now() - started);
          await room.outputHas('name?', slow);
          const took = performance.now() - started;
          await room.input.fill(first);
          await room.press('Enter');
          await room.outputHas(`hello ${first}`, slow);
          return took;
        };
        const first = await hello('Ada');
        await room.runButton.waitFor();

        await room.run(language, sample.mistake);
        await until(
          'the mistake to be named',
          async () => {
            const output = await room.output();
            return typeof sample.complaint === 'string'
              ? output.includes(sample.complaint)
              : sample.complaint.test(output);
          },
          slow,
        ).catch(async (err: unknown) => {
          throw new Error(`output is ${JSON.stringify(await room.output())}`, { cause: err });
        });
        await room.runButton.waitFor();
        await until('the problem to be marked', async () =>
          (await room.problems()).some((text) => /:3\b/.test(text)),
        );

        await room.run(language, sample.loop);
        await room.outputHas('turning', slow);
        const stopping = performance.now();
        await room.stopButton.click();
        await room.runButton.waitFor();
        expect(performance.now() - stopping, 'milliseconds until it was stopped').toBeLessThan(5_000);

        const again = await hello(sample.silent ? 'Ada' : 'Bob');
        measured.push({ language, first: first / 1000, again: again / 1000 });
      },
    );
  }
});
