import { describe, expect, it } from 'vitest';
import { MAX_PAGE_UNITS, pageSource } from './page-source';

describe('pageSource', () => {
  it.each([
    [
      'a script that waits for the page, behind it',
      '<head><script src="a.js" defer id=s></script></head><body><p></p></body>',
      { 'a.js': 'run("</script>")' },
      '<head></head><body><p></p><script id=s>\nrun("<\\/script>")\n</script></body>',
    ],
    [
      'a script where it stands',
      '<script src=./a.js></script><p>',
      { 'a.js': '1' },
      '<script>\n1\n</script><p>',
    ],
    [
      'a script of elsewhere',
      '<script src="b.js"></script>',
      { 'a.js': '1' },
      '<script src="b.js"></script>',
    ],
    [
      'a style sheet for print alone',
      '<link rel="stylesheet" media="print" href="p.css">',
      { 'p.css': 'p {}' },
      '<style media="print">\np {}\n</style>',
    ],
    [
      'sheets that a sheet imports, once',
      '<style>@import "a.css"; @import url(b.css) screen;</style>',
      { 'a.css': '@import "a.css"; p {}', 'b.css': 'b {}' },
      '<style>@import "a.css"; p {} @media screen {\nb {}\n}</style>',
    ],
    [
      'pictures',
      '<img id=c src="cat.svg" alt=x><style>p { background: url(cat.svg) }</style>',
      { 'cat.svg': '<svg/>' },
      '<img id=c src="data:image/svg+xml,%3Csvg%2F%3E" alt=x><style>p { background: url("data:image/svg+xml,%3Csvg%2F%3E") }</style>',
    ],
  ])('takes in %s', (_what, html, files, want) => {
    expect(pageSource(html, files)).toBe(want);
  });

  it('lets modules import each other', () => {
    const files = { 'x.js': 'export { y } from "./y.js"; export const x = 1;', 'y.js': 'import "./x";' };
    const page = pageSource(
      '<!doctype html><script type="module">import { x } from "./x.js";</script>',
      files,
    );
    const map =
      /<!doctype html><script type="importmap">(.*?)<\/script><script type="module">(.*?)<\/script>/.exec(
        page ?? '',
      );
    const { imports } = JSON.parse(map?.[1] ?? '{}') as { imports: Record<string, string> };
    expect(map?.[2]).toBe('import { x } from "file:///x.js";');
    expect(Object.entries(imports).map(([name, url]) => [name, decodeURIComponent(url)])).toEqual([
      ['file:///x.js', 'data:text/javascript,export { y } from "file:///y.js"; export const x = 1;'],
      ['file:///y.js', 'data:text/javascript,import "file:///x.js";'],
    ]);
  });

  it('gives up on what is too large to be shared', () => {
    expect(pageSource('x'.repeat(MAX_PAGE_UNITS + 1), {})).toBeNull();
  });
});
