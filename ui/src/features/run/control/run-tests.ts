import type { Program } from '../../../sandbox/protocol';
import type { TestResult } from '../../../sync/runs';
import type { TestCase } from '../../../sync/tests';
import { judge, reportOf, summaryOf, type TestOutcome } from '../output/test-report';
import { withTest, type RunRequest } from './run-request';

/** TestBench is what runTests needs of a run. null: the run has ended. */
export interface TestBench {
  makeReady: (request: RunRequest) => Promise<Program | null>;
  runTest: (program: Program) => Promise<TestOutcome | null>;
  report: (text: string) => void;
}

/**
 * runTests runs a program once for each test and reports each result. null: the run ended before
 * that.
 */
export async function runTests(
  request: RunRequest,
  tests: readonly TestCase[],
  { makeReady, runTest, report }: TestBench,
): Promise<TestResult[] | null> {
  const results: TestResult[] = [];
  for (const test of tests) {
    const program = await makeReady(withTest(request, test));
    const outcome = program && (await runTest({ ...program, stdin: test.input, interactive: false }));
    if (!outcome) return null;
    const result = judge(test, outcome);
    results.push(result);
    report(reportOf(result));
  }
  report(summaryOf(results));
  return results;
}
