import { TEXTS } from '../../../lib/texts';
import type { TestResult } from '../../../sync/runs';
import type { TestCase } from '../../../sync/tests';

/** What a program did with one test. */
export interface TestOutcome {
  stdout: string;
  stderr: string;
  ok: boolean;
  timedOut: boolean;
}

const GREEN = '\x1b[32m';
const RED = '\x1b[31m';
// Bright black: a terminal keeps its contrast, but not that of dim letters.
const DIM = '\x1b[90m';
const PLAIN = '\x1b[0m';

/** Of what is kept of an output, in UTF-16 units. */
const MAX_KEPT = 2_000;
/** Lines of a difference that anybody looks at. */
const MAX_LINES = 30;

/** judge compares; trailing spaces and line ends at the very end do not count. */
export function judge(test: TestCase, outcome: TestOutcome): TestResult {
  const { id, name } = test;
  const same = trimmed(outcome.stdout) === trimmed(test.expected);
  const failed = test.kind === 'code' ? !outcome.ok : !same;
  const verdict = outcome.timedOut ? 'timeout' : !outcome.ok ? 'error' : failed ? 'failed' : 'passed';
  const shown = verdict !== 'passed' && !test.hidden;
  const actual = shown
    ? (outcome.ok ? outcome.stdout : outcome.stdout + outcome.stderr).slice(0, MAX_KEPT)
    : '';
  const expected = shown && test.kind === 'io' ? test.expected.slice(0, MAX_KEPT) : '';
  return { id, name, verdict, actual, expected };
}

function trimmed(text: string): string {
  return text
    .replace(/\r\n/g, '\n')
    .replace(/[ \t]+$/gm, '')
    .replace(/\s+$/, '');
}

/**
 * reportOf tells one result as a terminal shows it, with what differs line by line. stderr is what
 * the program wrote there: it does not count, and is told, for it may be what was looked for.
 */
export function reportOf({ name, verdict, actual, expected }: TestResult, stderr = ''): string {
  const passed = verdict === 'passed';
  const head = `${passed ? `${GREEN}✓` : `${RED}✗`} ${name}${PLAIN} ${DIM}${TEXTS.tests.verdicts[verdict]}${PLAIN}\n`;
  if (passed) return head;
  // What a program that failed says is read, not compared.
  if (expected === '' || verdict === 'error') return head + indent(actual.trimEnd());
  const aside = stderr.slice(0, MAX_KEPT).trimEnd();
  const note =
    aside === '' ? '' : `    ${DIM}${TEXTS.tests.onStderr}${PLAIN}\n${indent(indent(aside).trimEnd())}`;
  return head + differences(trimmed(expected).split('\n'), trimmed(actual).split('\n')) + note;
}

/**
 * visible names what cannot be seen, or cannot be told from a space, as programs write it: it may
 * be all that differs.
 */
function visible(text: string, other = ''): string {
  // Composed in one and in parts in the other: they look alike.
  const parts = text !== other && text.normalize('NFC') === other.normalize('NFC');
  return text
    .replace(/\t/g, '\\t')
    .replace(/\r/g, '\\r')
    .replace(parts ? INVISIBLE_OR_MARK : INVISIBLE, (char) => {
      const code = char.codePointAt(0)?.toString(16) ?? '';
      return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, '0')}`;
    });
}

const INVISIBLE = /(?! )[\p{Cc}\p{Cf}\p{Z}\u3164\u2800]/gu;
const INVISIBLE_OR_MARK = /(?! )[\p{Cc}\p{Cf}\p{Z}\p{M}\u3164\u2800]/gu;

function indent(text: string): string {
  return text === '' ? '' : `${text.replace(/^/gm, '    ')}\n`;
}

/** Line against line: outputs of tests are short, and their order is part of what is expected. */
function differences(expected: readonly string[], actual: readonly string[]): string {
  let out = '';
  const lines = Math.max(expected.length, actual.length);
  for (let i = 0; i < Math.min(lines, MAX_LINES); i++) {
    const [want, got] = [expected[i], actual[i]];
    if (want === got) out += `${DIM}      ${want ?? ''}${PLAIN}\n`;
    if (want !== got && want !== undefined)
      out += `${GREEN}    - ${visible(want, got)}${PLAIN} ${DIM}${TEXTS.tests.wanted}${PLAIN}\n`;
    if (want !== got && got !== undefined)
      out += `${RED}    + ${visible(got, want)}${PLAIN} ${DIM}${TEXTS.tests.written}${PLAIN}\n`;
  }
  return lines > MAX_LINES ? `${out}    …\n` : out;
}

/** summaryOf says how many passed. */
export function summaryOf(results: readonly TestResult[]): string {
  const passed = results.filter(({ verdict }) => verdict === 'passed').length;
  const colour = passed === results.length ? GREEN : RED;
  return `\n${colour}${TEXTS.tests.passed(passed, results.length)}${PLAIN} ${DIM}${TEXTS.tests.aid}${PLAIN}\n`;
}
