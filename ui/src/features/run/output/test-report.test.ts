import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { MAX_TESTS, putTest, readTests, removeTest, type TestCase } from '../../../sync/tests';
import { plainText } from './plain-text';
import { judge, reportOf, summaryOf, type TestOutcome } from './test-report';

const test: TestCase = { id: 'a', name: 'adds', kind: 'io', input: '1 2', expected: '3\n', hidden: false };
const outcome = (more: Partial<TestOutcome> = {}): TestOutcome => ({
  stdout: '3\n',
  stderr: '',
  ok: true,
  timedOut: false,
  ...more,
});

describe('judge', () => {
  it.each([
    ['what is expected', test, outcome(), 'passed'],
    ['a missing line end and trailing spaces', test, outcome({ stdout: '3  ' }), 'passed'],
    ['another output', test, outcome({ stdout: '4\n' }), 'failed'],
    ['line ends of Windows', { ...test, expected: 'a\nb' }, outcome({ stdout: 'a\r\nb\r\n' }), 'passed'],
    ['spaces that stand before', test, outcome({ stdout: ' 3\n' }), 'failed'],
    ['a crash after the right output', test, outcome({ ok: false, stderr: 'boom' }), 'error'],
    ['no end', test, outcome({ timedOut: true, ok: false }), 'timeout'],
    ['code that gets through', { ...test, kind: 'code' as const }, outcome({ stdout: 'anything' }), 'passed'],
    ['code that does not', { ...test, kind: 'code' as const }, outcome({ ok: false }), 'error'],
  ])('calls %s what it is', (_what, given, ran, verdict) => {
    expect(judge(given, ran).verdict).toBe(verdict);
  });

  it('keeps of a hidden test only how it went', () => {
    const result = judge({ ...test, hidden: true }, outcome({ stdout: 'secret' }));
    expect(result).toEqual({ id: 'a', name: 'adds', verdict: 'failed', actual: '', expected: '' });
    expect(plainText(reportOf(result))).toBe('✗ adds failed\n');
  });

  it('shows what differs, line by line', () => {
    const result = judge({ ...test, expected: '1\n2\n3' }, outcome({ stdout: '1\nx\n3\n4\n' }));
    expect(
      plainText(reportOf(result))
        .split('\n')
        .map((line) => line.trim()),
    ).toEqual(['✗ adds failed', '1', '- 2 expected', '+ x written', '3', '+ 4 written', '']);
    expect(plainText(summaryOf([result, { ...result, verdict: 'passed' }]))).toContain('1 of 2 passed');
  });
});

describe('reportOf', () => {
  it.each([
    ['a b', 'a\u00a0b', '+ a\\u00a0b'],
    ['yes', 'ye\u200bs', '+ ye\\u200bs'],
    [' y', '\ty', '+ \\ty'],
    ['ab', 'a\rb', '+ a\\rb'],
    ['\u00e9', 'e\u0301', '+ e\\u0301'],
    ['a\ufeffb', 'ab', '- a\\ufeffb'],
    ['x', 'a\u{e0001}', '+ a\\u{e0001}'],
  ])('names what cannot be seen: %j, %j', (expected, stdout, line) => {
    const report = plainText(reportOf(judge({ ...test, expected }, outcome({ stdout }))));
    expect(report).toContain(line);
  });

  it('tells what went to standard error in the place of standard output', () => {
    const ran = outcome({ stdout: '', stderr: '3\n' });
    expect(plainText(reportOf(judge(test, ran), ran.stderr))).toMatch(/standard error[^\n]*\n\s+3\n/);
    const passed = outcome({ stderr: 'a remark\n' });
    expect(plainText(reportOf(judge(test, passed), passed.stderr))).not.toContain('remark');
  });
});

describe('tests of a session', () => {
  it('are the same for everybody, can be changed and removed, and are bounded', () => {
    const doc = new Y.Doc();
    putTest(doc, test);
    putTest(doc, { ...test, id: 'b', hidden: true });
    putTest(doc, { ...test, name: 'sums' });
    const other = new Y.Doc();
    Y.applyUpdate(other, Y.encodeStateAsUpdate(doc));
    expect(readTests(other)).toEqual([
      { ...test, name: 'sums' },
      { ...test, id: 'b', hidden: true },
    ]);
    removeTest(other, 'a');
    expect(readTests(other).map(({ id }) => id)).toEqual(['b']);
    for (let i = 0; i < MAX_TESTS + 5; i++) putTest(doc, { ...test, id: `t${i}` });
    expect(readTests(doc)).toHaveLength(MAX_TESTS);
    doc.getArray<unknown>('tests').insert(0, [7, new Y.Map([['name', 'no id']])]);
    expect(readTests(doc)).toHaveLength(MAX_TESTS);
  });
});

describe('plainText', () => {
  it('leaves out what a progress bar has wiped, and takes no long time for it', () => {
    expect(plainText('a\n\r\x1b[K1 %\r\x1b[K2 %\n\x1b[31mb\x1b[0m\n')).toBe('a\n2 %\nb\n');
    const started = performance.now();
    plainText(`\x1b[0m${'x'.repeat(256 * 1024)}`);
    expect(performance.now() - started).toBeLessThan(500);
  });
});
