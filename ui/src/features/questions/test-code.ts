import type { QuestionTest } from '../../lib/questions-api';

/** codeIn gives the code of a test in a language; '' for a test with an expected output. */
export function codeIn({ code }: Pick<QuestionTest, 'code'>, language: string): string {
  return code?.[language] || code?.[''] || '';
}

/** fits reports whether a test can be run in a language. */
export function fits(test: Pick<QuestionTest, 'code'>, language: string): boolean {
  return test.code === undefined || codeIn(test, language) !== '';
}
