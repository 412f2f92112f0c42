import { describe, expect, it } from 'vitest';
import { plainText } from './plain-text';
import { findProblems } from './problems';
import { judge, reportOf, summaryOf } from './test-report';

const names = [
  'main.py',
  'main.js',
  'main.ts',
  'main.go',
  'main.c',
  'main.rb',
  'main.lua',
  'main.php',
  'main.sql',
  'util.py',
];
const places = (output: string) =>
  findProblems(output, names).map(({ file, line, column, message }) => [file, line, column, message]);

describe('findProblems', () => {
  it.each([
    [
      'a traceback',
      'Traceback (most recent call last):\n  File "main.py", line 8, in <module>\n    f()\n    ~^^\n  File "util.py", line 7, in f\n    return 1/0\nZeroDivisionError: division by zero\n',
      [['util.py', 7, null, 'ZeroDivisionError: division by zero']],
    ],
    [
      'a syntax error of Python',
      '  File "main.py", line 2\n    def f(\n         ^\nSyntaxError: \'(\' was never closed\n',
      [['main.py', 2, null, "SyntaxError: '(' was never closed"]],
    ],
    [
      'a stack of JavaScript',
      'TypeError: x is not a function\n    at f (main.js:3:5)\n    at main.js:9:1\n',
      [['main.js', 3, 5, 'TypeError: x is not a function']],
    ],
    [
      'the TypeScript compiler',
      'main.ts:3:7 - error TS2322: Type mismatch.\n',
      [['main.ts', 3, 7, 'error TS2322: Type mismatch.']],
    ],
    [
      'the Go compiler',
      'main.go:5:6: declared and not used: y\n',
      [['main.go', 5, 6, 'declared and not used: y']],
    ],
    [
      'a panic',
      'panic: runtime error: index out of range\n\ngoroutine 1 [running]:\nmain.main()\n\t./main.go:23 +0x26\n',
      [['main.go', 23, null, 'panic: runtime error: index out of range']],
    ],
    ['clang', 'main.c:2:10: error: no x\n    2 |   return x;\n', [['main.c', 2, 10, 'error: no x']]],
    [
      'Ruby',
      "main.rb:5:in 'Object#f': undefined method 'foo' for nil (NoMethodError)\n\tfrom main.rb:6:in '<main>'\n",
      [['main.rb', 5, null, "in 'Object#f': undefined method 'foo' for nil (NoMethodError)"]],
    ],
    [
      'a module of Lua',
      'lua: ./main.lua:3: attempt to concatenate a nil value\n',
      [['main.lua', 3, null, 'attempt to concatenate a nil value']],
    ],
    [
      'Lua',
      "lua: main.lua:3: attempt to index a nil value\nstack traceback:\n\tmain.lua:3: in local 'g'\n",
      [['main.lua', 3, null, 'attempt to index a nil value']],
    ],
    [
      'PHP',
      'PHP Fatal error:  Uncaught Error: no in /main.php:5\nStack trace:\n#0 {main}\n  thrown in /main.php on line 5\n',
      [['main.php', 5, null, 'PHP Fatal error:  Uncaught Error: no']],
    ],
    [
      'SQLite',
      'main.sql:4: near "FORM": syntax error\n',
      [['main.sql', 4, null, 'near "FORM": syntax error']],
    ],
    ['other files', 'lib.c:2:1: error: no\n  File "/lib/x.py", line 3\nError: no\n', []],
  ])('reads %s', (_what, output, want) => {
    expect(places(output)).toEqual(want);
  });

  it('reads what tested programs wrote, out of the report', () => {
    const test = { id: '1', name: 'first', kind: 'io' as const, input: '', expected: '7\n', hidden: false };
    const wrote = (stderr: string) => ({ ok: false, timedOut: false, stdout: '', stderr });
    const python = wrote(
      'Traceback (most recent call last):\n  File "main.py", line 2, in <module>\nValueError: no\n',
    );
    const js = wrote('TypeError: x is not a function\n    at main.js:9:1\n');
    const results = [judge(test, python), judge({ ...test, kind: 'code', expected: '' }, js)];
    const report = plainText(results.map((result) => reportOf(result)).join('') + summaryOf(results));
    expect(findProblems(report, names, true)).toEqual([
      { file: 'main.py', line: 2, column: null, message: 'ValueError: no' },
      { file: 'main.js', line: 9, column: 1, message: 'TypeError: x is not a function' },
    ]);
  });

  it('is quick with whatever a program writes', () => {
    const nasty = [
      'main.py:'.repeat(40_000),
      'Error\n'.repeat(40_000),
      '  File "main.py", line 1\n '.repeat(10_000),
      'panic: x\n'.repeat(30_000),
    ];
    for (const output of nasty) expect(findProblems(output, names).length).toBeLessThan(11);
  });
});
