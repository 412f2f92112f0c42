/** A program as it stands in a book, and what it says at home. */
export interface Book {
  /** What it shows, in a few words. */
  shows: string;
  code: string;
  /** Lines that are pasted when it asks. */
  input?: string[];
  says: RegExp;
  never?: RegExp;
}

/** By the language's label. What only the real interpreters and compilers can show. */
export const books: Record<string, Book[]> = {
  Python: [
    {
      shows: 'that it is __main__, its end, and an event loop',
      code: `import asyncio, atexit, pickle, unittest
class Point:
    def __init__(self, x): self.x = x
class T(unittest.TestCase):
    def test_point(self):
        self.assertEqual(pickle.loads(pickle.dumps(Point(2))).x, 2)
async def main():
    print(await asyncio.gather(asyncio.sleep(0.01, "one"), asyncio.to_thread(str, 2)))
asyncio.run(main())
atexit.register(print, "bye")
unittest.main()`,
      says: /\['one', '2'\][\s\S]*Ran 1 test[\s\S]*OK[\s\S]*bye/,
    },
    {
      shows: 'zones, and an exit there and then',
      code: `import os
from datetime import datetime
from zoneinfo import ZoneInfo
print(datetime(2024, 7, 1, tzinfo=ZoneInfo("Europe/Berlin")).isoformat(), flush=True)
os._exit(3)`,
      says: /2024-07-01T00:00:00\+02:00/,
      never: /Traceback/,
    },
    {
      shows: 'a wait that nothing can end',
      code: `import asyncio
async def main():
    try:
        await asyncio.Event().wait()
    except RuntimeError as error:
        print("told:", error)
    await asyncio.gather(asyncio.sleep(0.01), asyncio.get_running_loop().create_future())
asyncio.run(main())`,
      says: /told: nothing can end this wait[\s\S]*RuntimeError: nothing can end this wait/,
    },
    {
      shows: 'a stack of C that is full',
      code: 'import functools\nf = functools.partial(lambda g: g(g))\nf(f)',
      says: /RecursionError|calls itself too deeply/,
    },
  ],
  Ruby: [
    {
      shows: 'what is put off to its end, and its data',
      code: 'at_exit { puts "bye" }\nEND { puts "end" }\nputs DATA.read\nreturn\nputs "never"\n__END__\nhello',
      says: /hello\s+end\s+bye/,
      never: /never|unexpected/,
    },
    {
      shows: 'its tests',
      code: 'require "test/unit"\nclass T < Test::Unit::TestCase\n  def test_a = assert_equal(1, 1)\nend',
      says: /1 tests, 1 assertions, 0 failures/,
    },
    { shows: 'an exit there and then', code: 'puts "a"\nexit!(3)', says: /^a$/m, never: /Control frame/ },
  ],
  PHP: [
    {
      shows: 'text of many bytes, its arguments, and what comes after exit',
      code: '<?php\nregister_shutdown_function(function () { echo "bye\\n"; });\necho mb_strtoupper("é"), iconv_strlen("añb"), $argc, "\\n";\nexit(3);',
      says: /É31\s+bye/,
    },
    {
      shows: 'a question',
      code: '<?php\n$name = readline("Name? ");\necho "Hi $name";',
      input: ['Ada'],
      says: /Hi Ada/,
    },
  ],
  Lua: [
    {
      shows: 'empty lines, numbers, and strings with a NUL',
      code: 'print("got", io.read("n", "l"))\nfor l in io.lines() do print("[" .. l .. "]") if l == "b" then break end end\nprint(#"a\\0b", pcall(os.exit, 3))',
      input: ['1e-5', '', 'b'],
      says: /got\t1e-05[\s\S]*\[\]\s[\s\S]*\[b\]/,
      never: /true/,
    },
  ],
  JavaScript: [
    {
      shows: 'what comes after its last line',
      code: `console.log(Promise.resolve(5));
console.table([{ a: 1 }]);
const { port1, port2 } = new MessageChannel();
port1.onmessage = async () => {
  console.log("text", (await new Blob(["x".repeat(5e7)]).text()).length);
};
port2.postMessage(0);`,
      says: /Promise \{ 5 \}[\s\S]*│ 0 +│ 1 │[\s\S]*text 50000000/,
    },
  ],
  TypeScript: [
    {
      shows: 'the names that it finds',
      code: 'setTimeout(() => console.log(structuredClone({ at: new URL("https://a.example/b").pathname })), 1);',
      says: /\{ at: '\/b' \}/,
      never: /error TS/,
    },
  ],
  'SQL (SQLite)': [
    {
      shows: 'numbers as they are',
      code: 'SELECT 9007199254740993 AS a, 1.0 AS b, 1e20 AS c;',
      says: /│ 9007199254740993 │ 1\.0 │ 1\.0e\+20 │/,
    },
  ],
  'SQL (PostgreSQL)': [
    {
      shows: 'values as the server writes them',
      code: `SELECT E'it\\'s; fine' AS a, DATE '0044-03-15 BC' AS b, ARRAY[9223372036854775807] AS c, TIMESTAMP '2024-01-31 10:00:00.5' AS d, true AS e;`,
      says: /│ it's; fine │ 0044-03-15 BC │ \{9223372036854775807\} │ 2024-01-31 10:00:00\.5 │ t +│/,
    },
  ],
  C: [
    {
      shows: 'what a system has',
      code: `#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
static jmp_buf back;
static void on(int number) { printf("signal %d\\n", number); }
int main(void) {
  int large[200000];
  for (int i = 0; i < 200000; i++) large[i] = i;
  char text[] = "a b", *rest;
  signal(SIGINT, on);
  raise(SIGINT);
  if (setjmp(back) == 0) longjmp(back, 1);
  printf("%s %.2f %.1Lf %d %d\\n", strtok_r(text, " ", &rest), M_PI, 2.5L, large[199999], clock() >= 0);
}`,
      says: /signal 2\s+a 3\.14 2\.5 199999 1/,
    },
  ],
  'C++ (beta)': [
    {
      shows: 'exceptions, its own and those of the library',
      code: `#include <bits/stdc++.h>
struct Noisy { ~Noisy() { std::cout << "gone "; } };
int deep(int n) {
  Noisy noisy;
  if (n == 0) throw std::runtime_error("deep");
  return deep(n - 1) + 1;
}
int main() {
  try { std::cout << deep(1); } catch (const std::exception &e) { std::cout << e.what() << "\\n"; }
  try { std::cout << std::stoi("x"); } catch (const std::invalid_argument &) { std::cout << "stoi\\n"; }
  try { std::cout << std::vector<int>(2).at(5); } catch (const std::out_of_range &) { std::cout << "at\\n"; }
  std::cout << std::regex_match("aa", std::regex("a+")) << DBL_DIG << std::complex<double>(3, 1).real() << "\\n";
  throw std::logic_error("nobody");
}`,
      says: /gone gone deep\s+stoi\s+at\s+1153\s+terminate called[^\n]*logic_error'\s+what\(\): +nobody\s+Aborted/,
    },
  ],
};
