import { Button, NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { LANGUAGES, languageLabel } from '../../lib/languages';
import { questionTrouble, type QuestionSummary } from '../../lib/questions-api';
import { questions as T } from '../../lib/texts/questions';
import { QuestionPreview } from './question-preview';
import { useQuestion } from './use-questions';
import classes from './questions.module.css';

/** PickProps say what becomes of the question that is chosen. */
export interface PickProps {
  /** What the button says. */
  action: string;
  /** What it does, where it does more than fill a form. */
  lead?: string;
  /** The language that is offered first, if the question comes in it. */
  language: string;
  /** Rejects with what went wrong, which is then said here. */
  onPick: (question: QuestionSummary, language: string) => Promise<void>;
}

export interface QuestionPaneProps extends PickProps {
  summary: QuestionSummary;
  token: string | undefined;
}

/** QuestionPane shows one question, and takes it. */
export function QuestionPane({ summary, token, language, ...pick }: QuestionPaneProps) {
  const { loading, again } = useQuestion(summary.id, token);
  const [wish, setWish] = useState(language);
  const offered = summary.languages.length > 0 ? summary.languages : LANGUAGES.map(({ id }) => id);
  const chosen = offered.includes(wish) ? wish : (offered[0] ?? language);
  return (
    <>
      <div className={classes.scroll} aria-busy={loading.status === 'loading'}>
        {loading.status === 'ready' && (
          <QuestionPreview key={summary.id} question={loading.value} language={chosen} />
        )}
        {loading.status === 'failed' && (
          <div className={classes.message} role="alert">
            <h3>{T.failedOne}</h3>
            <p>{loading.reason}</p>
            <Button variant="default" size="xs" onClick={again}>
              {T.again}
            </Button>
          </div>
        )}
      </div>
      <Foot {...pick} summary={summary} offered={offered} chosen={chosen} onLanguage={setWish} />
    </>
  );
}

interface FootProps extends Omit<PickProps, 'language'> {
  summary: QuestionSummary;
  offered: readonly string[];
  chosen: string;
  onLanguage: (language: string) => void;
}

function Foot({ summary, offered, chosen, onLanguage, action, lead, onPick }: FootProps) {
  const [attempt, setAttempt] = useState<{ busy: boolean; failure?: string }>({ busy: false });
  const pick = async () => {
    setAttempt({ busy: true });
    try {
      await onPick(summary, chosen);
      setAttempt({ busy: false });
    } catch (error) {
      setAttempt({ busy: false, failure: questionTrouble(error) });
    }
  };
  return (
    <footer className={classes.foot}>
      {lead && <p className={classes.lead}>{lead}</p>}
      {attempt.failure && (
        <p role="alert" className={classes.failure}>
          {attempt.failure}
        </p>
      )}
      <div className={classes.actions}>
        <NativeSelect
          aria-label={T.filesIn}
          value={chosen}
          data={offered.map((id) => ({ value: id, label: languageLabel(id) }))}
          onChange={(event) => onLanguage(event.currentTarget.value)}
        />
        <Button loading={attempt.busy} onClick={() => void pick()}>
          {action}
        </Button>
      </div>
    </footer>
  );
}
