import type { QuestionTest } from '../../lib/questions-api';
import { questions as T } from '../../lib/texts/questions';
import { codeIn } from './test-code';
import classes from './questions.module.css';

/** TestTexts shows what a test gives to the program, and what it wants. */
export function TestTexts({ test, language }: { test: QuestionTest; language: string }) {
  const code = codeIn(test, language);
  return (
    <div className={classes.texts}>
      {test.input && <Text label={T.input} text={test.input} />}
      {test.code === undefined && <Text label={T.expected} text={test.expected ?? ''} />}
      {code && <Text label={T.code} text={code} />}
    </div>
  );
}

function Text({ label, text }: { label: string; text: string }) {
  return (
    <div>
      <div className={classes.textLabel}>{label}</div>
      <pre tabIndex={0}>{text.trimEnd()}</pre>
    </div>
  );
}
