import { Button } from '@mantine/core';
import { useEffect, useId, useRef, useState, type KeyboardEvent, type RefObject } from 'react';
import { languageLabel } from '../../lib/languages';
import type { QuestionSummary } from '../../lib/questions-api';
import { questions as T } from '../../lib/texts/questions';
import classes from './questions.module.css';

/** Questions that are drawn at once. A person does not scroll through thousands. */
const STEP = 100;

export interface QuestionListProps {
  found: readonly QuestionSummary[];
  chosen: string;
  /** Gets the focus from the search. */
  list: RefObject<HTMLDivElement | null>;
  onChoose: (id: string) => void;
  /** Enter, or a tap: the question is to be looked at. */
  onOpen: (id: string) => void;
}

/** QuestionList is a list box: the arrow keys choose, Enter leads to the preview. */
export function QuestionList({ found, chosen, list, onChoose, onOpen }: QuestionListProps) {
  const [limit, setLimit] = useState(STEP);
  const shown = found.slice(0, limit);
  const prefix = useId();
  const idOf = (id: string) => `${prefix}-${id}`;
  const index = shown.findIndex(({ id }) => id === chosen);
  const active = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Browsers are about to give a promise here, which is no way to clean up.
    active.current?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && index >= 0) return onOpen(chosen);
    const next = shown[indexAfter(event.key, index, shown.length)];
    if (!next) return;
    event.preventDefault();
    onChoose(next.id);
  };
  return (
    <>
      <div
        ref={list}
        role="listbox"
        tabIndex={0}
        aria-label={T.list}
        aria-activedescendant={index >= 0 ? idOf(chosen) : undefined}
        className={classes.list}
        onKeyDown={onKeyDown}
        onFocus={({ currentTarget }) => {
          // Under a pointer that is down nothing may be chosen: the list would move away from it.
          const byKeys = currentTarget.matches(':focus-visible');
          if (byKeys && index < 0 && shown[0]) onChoose(shown[0].id);
        }}
      >
        {shown.map((question) => (
          <div
            key={question.id}
            ref={question.id === chosen ? active : undefined}
            id={idOf(question.id)}
            role="option"
            aria-selected={question.id === chosen}
            className={classes.option}
            onClick={() => onOpen(question.id)}
          >
            <Row question={question} />
          </div>
        ))}
      </div>
      {found.length > limit && (
        <Button variant="subtle" size="xs" onClick={() => setLimit(limit + STEP)}>
          {T.more(Math.min(STEP, found.length - limit))}
        </Button>
      )}
    </>
  );
}

/** indexAfter says where a key leads in a list; -1: nowhere. */
function indexAfter(key: string, index: number, length: number): number {
  switch (key) {
    case 'ArrowDown':
      return Math.min(index + 1, length - 1);
    case 'ArrowUp':
      return Math.max(index - 1, 0);
    case 'Home':
      return 0;
    case 'End':
      return length - 1;
    default:
      return -1;
  }
}

function Row({ question }: { question: QuestionSummary }) {
  const { title, summary, tags, built_in: builtIn } = question;
  return (
    <>
      <span className={classes.name}>
        {title}
        {!builtIn && <span className={classes.badge}>{T.yours}</span>}
      </span>
      {summary && <span className={classes.summary}>{summary}</span>}
      <span className={classes.facts}>
        <Facts question={question} />
      </span>
      {tags.length > 0 && (
        <span className={classes.tags}>
          {tags.map((tag) => (
            <span key={tag}>{tag}</span>
          ))}
        </span>
      )}
    </>
  );
}

/** Languages that are named in a line. */
const MOST_LANGUAGES = 3;

/** Facts are what one asks first: level, length, languages. */
export function Facts({ question }: { question: QuestionSummary }) {
  const { level, minutes, languages } = question;
  const named = languages.slice(0, MOST_LANGUAGES).map(languageLabel).join(', ');
  const more = languages.length - MOST_LANGUAGES;
  return (
    <>
      {level && <span data-level={level}>{T.levels[level] ?? level}</span>}
      {minutes > 0 && <span>{T.minutes(minutes)}</span>}
      {named && <span>{more > 0 ? `${named} +${more}` : named}</span>}
    </>
  );
}
