import { SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { Markdown } from '../../components/markdown';
import type { Question, QuestionTest } from '../../lib/questions-api';
import { questions as T } from '../../lib/texts/questions';
import { Facts } from './question-list';
import { TestTexts } from './question-test';
import { fits } from './test-code';
import classes from './questions.module.css';

type View = 'candidate' | 'interviewer';

/** QuestionPreview shows what the candidate will see, or what interviewers have of a question. */
export function QuestionPreview({ question, language }: { question: Question; language: string }) {
  const [view, setView] = useState<View>('candidate');
  return (
    <article className={classes.question} aria-label={question.title}>
      <header className={classes.questionHead}>
        <h3 className={classes.questionTitle}>{question.title}</h3>
        <p className={classes.facts}>
          <Facts question={question} />
          <span>{T.parts(question.parts)}</span>
          <span>{T.tests(question.tests)}</span>
        </p>
        <SegmentedControl
          size="xs"
          aria-label={T.view}
          value={view}
          data={(['candidate', 'interviewer'] as const).map((value) => ({ value, label: T.views[value] }))}
          onChange={(value) => setView(value as View)}
        />
      </header>
      {view === 'candidate' ? (
        <CandidateView question={question} language={language} />
      ) : (
        <InterviewerView question={question} language={language} />
      )}
    </article>
  );
}

interface ViewProps {
  question: Question;
  language: string;
}

function CandidateView({ question, language }: ViewProps) {
  const files = question.files[language] ?? [];
  const tests = question.test_list.filter((test) => !test.hidden && fits(test, language));
  return (
    <>
      <Markdown text={question.part_list[0]?.prompt ?? ''} />
      {files.length > 0 && (
        <section>
          <h4 className={classes.partTitle}>{T.files}</h4>
          {files.map(({ name, text }) => (
            <figure key={name} className={classes.file}>
              <figcaption>{name}</figcaption>
              <pre tabIndex={0}>{text.trimEnd()}</pre>
            </figure>
          ))}
        </section>
      )}
      <Tests title={T.shownTests} tests={tests} language={language} />
    </>
  );
}

function InterviewerView({ question, language }: ViewProps) {
  const later = question.part_list.slice(1);
  const hidden = question.test_list.filter((test) => test.hidden && fits(test, language));
  return (
    <>
      {question.guide.trim() === '' ? (
        <p className={classes.faint}>{T.noGuide}</p>
      ) : (
        <Markdown text={question.guide} />
      )}
      {later.map(({ title, prompt }, i) => (
        <section key={i}>
          <h4 className={classes.partTitle}>{T.part(i + 2, title ?? '')}</h4>
          <Markdown text={prompt} />
        </section>
      ))}
      <Tests title={T.hiddenTests} tests={hidden} language={language} />
    </>
  );
}

function Tests({ title, tests, language }: { title: string; tests: QuestionTest[]; language: string }) {
  if (tests.length === 0) return null;
  return (
    <section>
      <h4 className={classes.partTitle}>{title}</h4>
      {tests.map((test, i) => (
        <details key={i} className={classes.test}>
          <summary>{test.name}</summary>
          <TestTexts test={test} language={language} />
        </details>
      ))}
    </section>
  );
}
