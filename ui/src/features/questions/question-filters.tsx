import { NativeSelect, TextInput } from '@mantine/core';
import { Search } from 'lucide-react';
import { useEffect, useRef, type KeyboardEvent } from 'react';
import { languageLabel } from '../../lib/languages';
import type { QuestionSummary } from '../../lib/questions-api';
import { questions as T } from '../../lib/texts/questions';
import { LENGTHS, choicesOf, type Wanted } from './fitting';
import classes from './questions.module.css';

/** Longest search, in UTF-16 units. */
const MAX_WORDS = 200;

const LEVELS = ['easy', 'medium', 'hard'];

export interface QuestionFiltersProps {
  all: readonly QuestionSummary[];
  wanted: Wanted;
  onChange: (some: Partial<Wanted>) => void;
  /** The arrow keys lead from the search into the list. */
  onDown: () => void;
  /** Whether the search takes the focus. On a phone that would cover the list with keys. */
  focus: boolean;
}

/** QuestionFilters narrows the list: words, tag, level, length, language. */
export function QuestionFilters({ all, wanted, onChange, onDown, focus }: QuestionFiltersProps) {
  const search = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (focus) search.current?.focus();
  }, [focus]);
  const tags = choicesOf(all, (question) => question.tags);
  const languages = choicesOf(all, (question) => question.languages);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowDown' || event.nativeEvent.isComposing) return;
    event.preventDefault();
    onDown();
  };
  return (
    <div role="search" aria-label={T.search} className={classes.filters}>
      <TextInput
        type="search"
        aria-label={T.search}
        placeholder={T.search}
        maxLength={MAX_WORDS}
        autoComplete="off"
        ref={search}
        leftSection={<Search size={16} aria-hidden="true" />}
        value={wanted.words}
        onChange={(event) => onChange({ words: event.currentTarget.value })}
        onKeyDown={onKeyDown}
      />
      <div className={classes.narrow} role="group" aria-label={T.filters}>
        <Choice label={T.level} value={wanted.level} onChange={(level) => onChange({ level })}>
          {[['', T.anyLevel], ...LEVELS.map((level) => [level, T.levels[level] ?? level])]}
        </Choice>
        <Choice
          label={T.length}
          value={String(wanted.minutes || '')}
          onChange={(minutes) => onChange({ minutes: Number(minutes) })}
        >
          {[['', T.anyLength], ...LENGTHS.map((minutes) => [String(minutes), T.upTo(minutes)])]}
        </Choice>
        <Choice label={T.language} value={wanted.language} onChange={(language) => onChange({ language })}>
          {[['', T.anyLanguage], ...languages.map((id) => [id, languageLabel(id)])]}
        </Choice>
        <Choice label={T.tag} value={wanted.tag} onChange={(tag) => onChange({ tag })}>
          {[['', T.anyTag], ...tags.map((tag) => [tag, tag])]}
        </Choice>
      </div>
    </div>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  /** Values with their labels. */
  children: string[][];
  onChange: (value: string) => void;
}

function Choice({ label, value, children, onChange }: ChoiceProps) {
  return (
    <NativeSelect
      size="xs"
      aria-label={label}
      value={value}
      data-set={value !== '' || undefined}
      className={classes.choice}
      data={children.map(([one = '', text = '']) => ({ value: one, label: text }))}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
