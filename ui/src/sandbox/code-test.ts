/**
 * A test that is code stands after the program, as if it were part of it. A program that ends by
 * itself before that, or whose last line turns the test into a comment or into text, would pass it.
 * So a line is written behind the test, and whoever has not written it was not tested.
 */
export function withCodeTest(language: string, code: string, test: string, mark: string): string {
  const behind = `${test}\n${MARKS[language]?.(mark) ?? ''}\n`;
  if (language === 'ruby') {
    // What stands behind __END__ is no code.
    const end = /^__END__\r?$/m.exec(code)?.index ?? code.length;
    return `${code.slice(0, end)}\n${behind}${code.slice(end)}`;
  }
  return `${code}\n${language === 'php' && endsAsText(code) ? '<?php\n' : ''}${behind}`;
}

/** reached says whether a program has come to the end of its test, by what it wrote. */
export function reached(language: string, written: string, mark: string): boolean {
  return !(language in MARKS) || lineOf(mark).test(written);
}

/** withoutMark takes the line of the mark out of what a program wrote. */
export function withoutMark(written: string, mark: string): string {
  return written.replace(new RegExp(`\\n?${lineOf(mark).source}\\n?`, 'm'), '');
}

/**
 * Whole lines: a test that has become text is written as it stands. SQL draws a frame around its
 * own.
 */
function lineOf(mark: string): RegExp {
  return new RegExp(`^[│ ]*${mark}[│ ]*$`, 'm');
}

/** What writes the mark, by language. In C and C++ a test brings its own main function. */
const MARKS: Record<string, (mark: string) => string> = {
  javascript: (mark) => `console.log("\\n${mark}");`,
  typescript: (mark) => `console.log("\\n${mark}");`,
  python: (mark) => `__import__("sys").__stdout__.write("\\n${mark}\\n")`,
  ruby: (mark) => `STDOUT.write("\\n${mark}\\n")`,
  php: (mark) => `echo "\\n${mark}\\n";`,
  lua: (mark) => `io.stdout:write("\\n${mark}\\n")`,
  go: (mark) => `func init() { println("\\n${mark}") }`,
  sql: (mark) => `;SELECT '${mark}' AS test;`,
  pgsql: (mark) => `;SELECT '${mark}' AS test;`,
};

/** A file of PHP is text outside of its marks. */
function endsAsText(code: string): boolean {
  return code.lastIndexOf('?>') >= Math.max(code.lastIndexOf('<?php'), code.lastIndexOf('<?='));
}
