import { ActionIcon, Button, Textarea } from '@mantine/core';
import { BookOpen, ClipboardPaste, X } from 'lucide-react';
import { useEffect, useId, useState, type ComponentType } from 'react';
import { languageLabel } from '../../lib/languages';
import { ApiError } from '../../lib/api';
import { readQuestion, type QuestionSummary } from '../../lib/questions-api';
import { home } from '../../lib/texts/home';
import { prefilled } from '../../lib/texts/prefilled';
import { questions as T } from '../../lib/texts/questions';
import type { Beginning, Draft } from './create-draft';
import classes from './problem-field.module.css';

/** ChooserProps are those of a dialog in which a question is chosen. */
export interface ChooserProps {
  opened: boolean;
  onClose: () => void;
  action: string;
  language: string;
  onPick: (question: QuestionSummary, language: string) => Promise<void>;
}

export interface ProblemFieldProps {
  draft: Draft;
  change: (some: Partial<Draft>) => void;
  Chooser: ComponentType<ChooserProps>;
}

/** ProblemField is what the session begins with: a question, own code, or neither. */
export function ProblemField({ draft, change, Chooser }: ProblemFieldProps) {
  const label = useId();
  const [choosing, setChoosing] = useState(false);
  const { problem } = draft;
  const trouble = useLookup(problem, change);
  const begin = (next: Beginning) => change({ problem: next });
  const choose = () => setChoosing(true);
  return (
    <div role="group" aria-labelledby={label}>
      <div id={label} className={classes.label}>
        {home.problemLabel}
      </div>
      {problem.kind === 'question' && (
        <Chosen
          problem={problem}
          language={draft.language}
          trouble={trouble}
          onChange={choose}
          onRemove={() => begin({ kind: 'nothing' })}
        />
      )}
      {problem.kind === 'own' && (
        <OwnCode
          code={problem.code}
          onChange={(code) => begin({ kind: 'own', code })}
          onRemove={() => begin({ kind: 'nothing' })}
        />
      )}
      {problem.kind === 'nothing' && (
        <>
          <div className={classes.ways}>
            <Button
              variant="default"
              leftSection={<BookOpen size={15} aria-hidden="true" />}
              onClick={choose}
            >
              {T.choose}
            </Button>
            <Button
              variant="subtle"
              color="gray"
              leftSection={<ClipboardPaste size={15} aria-hidden="true" />}
              onClick={() => begin({ kind: 'own', code: '' })}
            >
              {home.problemOwn}
            </Button>
          </div>
          <p
            className={classes.hint}
            data-tone={trouble ? 'warn' : undefined}
            role={trouble ? 'alert' : undefined}
          >
            {trouble || home.problemNone}
          </p>
        </>
      )}
      <Chooser
        opened={choosing}
        onClose={() => setChoosing(false)}
        action={T.use}
        language={draft.language}
        onPick={async (summary, language) => {
          change({ problem: { kind: 'question', id: summary.id, summary }, language });
        }}
      />
    </div>
  );
}

/**
 * useLookup asks the server about a question of which a link has the id alone. It gives in words
 * what went wrong.
 */
function useLookup(problem: Beginning, change: ProblemFieldProps['change']): string {
  const asked = problem.kind === 'question' && !problem.summary ? problem.id : '';
  const [trouble, setTrouble] = useState('');
  useEffect(() => {
    if (!asked) return undefined;
    let current = true;
    readQuestion(asked).then(
      (summary) => current && change({ problem: { kind: 'question', id: asked, summary } }),
      (error: unknown) => {
        if (!current) return;
        const missing = error instanceof ApiError && error.status === 404;
        setTrouble(missing ? prefilled.unknown.question(asked) : home.questionUnread);
        if (missing) change({ problem: { kind: 'nothing' } });
      },
    );
    return () => {
      current = false;
    };
  }, [asked, change]);
  return trouble;
}

interface ChosenProps {
  problem: Extract<Beginning, { kind: 'question' }>;
  language: string;
  trouble: string;
  onChange: () => void;
  onRemove: () => void;
}

function Chosen({ problem, language, trouble, onChange, onRemove }: ChosenProps) {
  const { id, summary } = problem;
  const facts = summary
    ? [
        T.levels[summary.level],
        summary.minutes > 0 && T.minutes(summary.minutes),
        languageLabel(language),
        T.parts(summary.parts),
      ].filter(Boolean)
    : [trouble || home.questionLoading];
  return (
    <div className={classes.chosen}>
      <BookOpen size={16} aria-hidden="true" />
      <div className={classes.about}>
        <strong>{summary?.title ?? id}</strong>
        <span>{facts.join(' · ')}</span>
      </div>
      <Button variant="default" size="compact-sm" aria-haspopup="dialog" onClick={onChange}>
        {T.change}
      </Button>
      <ActionIcon variant="subtle" color="gray" aria-label={T.remove} onClick={onRemove}>
        <X size={15} />
      </ActionIcon>
    </div>
  );
}

interface OwnCodeProps {
  code: string;
  onChange: (code: string) => void;
  onRemove: () => void;
}

function OwnCode({ code, onChange, onRemove }: OwnCodeProps) {
  return (
    <>
      <div className={classes.own}>
        <Textarea
          aria-label={home.ownCodeLabel}
          placeholder={home.ownCodePlaceholder}
          value={code}
          rows={6}
          autoFocus
          spellCheck={false}
          classNames={{ root: classes.ownField, input: classes.code }}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
        <ActionIcon variant="subtle" color="gray" aria-label={home.problemOwnRemove} onClick={onRemove}>
          <X size={15} />
        </ActionIcon>
      </div>
      <p className={classes.hint}>{home.problemOwnHint}</p>
    </>
  );
}
