import type { Reporter, TestCase } from 'vitest/node';

/**
 * FlakyReporter says why a test that passed in the end did not at first, which Vitest keeps to
 * itself.
 */
export default class FlakyReporter implements Reporter {
  onTestCaseResult(test: TestCase): void {
    if (!test.diagnostic()?.flaky) return;
    for (const { message, stack, cause } of test.result().errors ?? []) {
      const why = cause ? `\nbecause ${(cause as Error).message}` : '';
      process.stdout.write(`flaky: ${test.fullName}\n${stack ?? message}${why}\n`);
    }
  }
}
