import { TEXTS } from '../../../lib/texts';
import { reached, withoutMark } from '../../../sandbox/code-test';
import type { Program } from '../../../sandbox/protocol';
import type { TestResult } from '../../../sync/runs';
import type { TestCase } from '../../../sync/tests';
import { judge, reportOf, summaryOf, type TestOutcome } from '../output/test-report';
import { randomId, type RunPlace } from './run-record';
import { withTest, type RunRequest } from './run-request';

/** TestBench is what runTests needs of a run. null: the run has ended. */
export interface TestBench {
  makeReady: (request: RunRequest) => Promise<Program | null>;
  runTest: (program: Program) => Promise<TestOutcome | null>;
  report: (text: string) => void;
  /** Hears each result as it comes. */
  told?: (result: TestResult) => void;
}

/** HiddenTests are tests of which this person alone hears. */
export interface HiddenTests {
  /** A document that is shared with nobody. */
  place: RunPlace;
  testsFor: (language: string) => readonly TestCase[];
  begin: (count: number) => void;
  told: (result: TestResult) => void;
  /** whole: each of them has a result. */
  ended: (whole: boolean) => void;
}

/**
 * runTests runs a program once for each test and reports each result. null: the run ended before
 * that.
 */
export async function runTests(
  request: RunRequest,
  tests: readonly TestCase[],
  { makeReady, runTest, report, told }: TestBench,
): Promise<TestResult[] | null> {
  const results: TestResult[] = [];
  for (const test of tests) {
    const mark = randomId();
    const program = await makeReady(withTest(request, test, mark));
    const ran = program && (await runTest({ ...program, stdin: test.input, interactive: false }));
    if (!ran) return null;
    const outcome = test.kind === 'code' ? untilMark(ran, request.file.language, mark) : ran;
    const result = judge(test, outcome);
    results.push(result);
    told?.(result);
    report(reportOf(result, test.hidden ? '' : outcome.stderr));
  }
  report(summaryOf(results));
  return results;
}

/**
 * untilMark is the outcome of a code test. A program that has not come to its end was not tested.
 */
function untilMark(ran: TestOutcome, language: string, mark: string): TestOutcome {
  const [stdout, stderr] = [withoutMark(ran.stdout, mark), withoutMark(ran.stderr, mark)];
  if (!ran.ok || reached(language, `${ran.stdout}\n${ran.stderr}`, mark)) return { ...ran, stdout, stderr };
  return { ...ran, ok: false, stdout, stderr: `${stderr}${TEXTS.tests.notReached}\n` };
}
