import { CircleCheck, CircleDashed, CircleX } from 'lucide-react';
import type { ReactNode } from 'react';
import { languageLabel } from '../../lib/languages';
import type { Guide } from '../../lib/questions-api';
import { questions as T } from '../../lib/texts/questions';
import { useReadable } from '../../lib/use-readable';
import type { TestResult } from '../../sync/runs';
import type { Checks, GuideStore } from './guide-store';
import { TestTexts } from './question-test';
import classes from './guide.module.css';

export interface HiddenTestListProps {
  store: GuideStore;
  guide: Guide;
  /** Of the file that is shown: it is the one that is run. */
  language: string;
  /** What runs them. */
  children: ReactNode;
}

/** HiddenTestList shows the tests that candidates do not have, and how they went. */
export function HiddenTestList({ store, guide, language, children }: HiddenTestListProps) {
  const checks = useReadable(store.checks);
  const tests = store.testsFor(language);
  if (!guide.test_list.some(({ hidden }) => hidden)) return null;
  return (
    <section className={classes.section}>
      <h4 className={classes.heading}>{T.hiddenTests}</h4>
      <p className={classes.lead}>{tests.length > 0 ? T.hiddenLead : T.notFor(languageLabel(language))}</p>
      <ul className={classes.tests}>
        {tests.map(({ id, name }) => {
          const result = checks.results.find((one) => one.id === id);
          const test = guide.test_list[Number(id)];
          return (
            <li key={id} className={classes.test}>
              <details>
                <summary>
                  <Mark result={result} />
                  <span className={classes.testName}>{name}</span>
                  <span className={classes.verdict} data-verdict={result?.verdict}>
                    {result ? T.verdicts[result.verdict] : T.notRun}
                  </span>
                </summary>
                {test && <TestTexts test={test} language={language} />}
                {result && result.verdict !== 'passed' && <Written text={result.actual} />}
              </details>
            </li>
          );
        })}
      </ul>
      {tests.length > 0 && (
        <div className={classes.row}>
          {children}
          <span role="status" className={classes.lead}>
            {summaryOf(checks)}
          </span>
        </div>
      )}
    </section>
  );
}

/** summaryOf says how the hidden tests went; '': they were not run. */
export function summaryOf({ status, results, count }: Checks): string {
  if (status === 'none') return '';
  if (status === 'running') return T.running;
  if (status === 'broken') return T.broken;
  return T.passed(results.filter(({ verdict }) => verdict === 'passed').length, count);
}

function Mark({ result }: { result: TestResult | undefined }) {
  if (!result) return <CircleDashed size={15} aria-hidden="true" />;
  if (result.verdict === 'passed') return <CircleCheck size={15} aria-hidden="true" data-verdict="passed" />;
  return <CircleX size={15} aria-hidden="true" data-verdict="failed" />;
}

function Written({ text }: { text: string }) {
  return (
    <div className={classes.written}>
      <div>{T.written}</div>
      <pre tabIndex={0}>{text.trimEnd()}</pre>
    </div>
  );
}
