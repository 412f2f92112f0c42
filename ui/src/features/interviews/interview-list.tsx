import { Button, TextInput } from '@mantine/core';
import { Search } from 'lucide-react';
import { useEffect, useRef } from 'react';
import type { MyState } from '../../lib/my-interviews';
import { interviews as T } from '../../lib/texts/interviews';
import { InterviewRow, type RowActions } from './interview-row';
import classes from './interviews.module.css';
import type { Listing } from './use-interviews';

const STATES = ['all', 'live', 'prepared', 'ended', 'archived'] as const satisfies readonly MyState[];

export interface ToolbarProps {
  state: MyState;
  words: string;
  onState: (state: MyState) => void;
  onWords: (words: string) => void;
}

/** Toolbar chooses what is listed. The key / leads to the search. */
export function Toolbar({ state, words, onState, onWords }: ToolbarProps) {
  const search = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const go = (event: KeyboardEvent) => {
      const typing =
        event.target instanceof Element && event.target.closest('input, textarea, [role=dialog]');
      if (event.key !== '/' || typing || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      search.current?.focus();
    };
    document.addEventListener('keydown', go);
    return () => document.removeEventListener('keydown', go);
  }, []);
  return (
    <div className={classes.toolbar} role="search">
      <TextInput
        ref={search}
        type="search"
        aria-label={T.searchLabel}
        placeholder={T.searchLabel}
        maxLength={200}
        autoComplete="off"
        className={classes.search}
        leftSection={<Search size={16} />}
        value={words}
        onChange={(event) => onWords(event.currentTarget.value)}
      />
      <div className={classes.filters} role="group" aria-label={T.filters}>
        {STATES.map((one) => (
          <button
            key={one}
            type="button"
            className={classes.filter}
            aria-pressed={one === state}
            onClick={() => onState(one)}
          >
            {T.filter[one]}
          </button>
        ))}
      </div>
    </div>
  );
}

export interface InterviewListProps extends RowActions {
  listing: Listing;
  state: MyState;
  words: string;
  /** The groups of the person, to share with. */
  groups: readonly string[];
  /** The interview that is being opened or downloaded. */
  busyId: string;
  onMore: () => void;
  onAgain: () => void;
  onSearchAll: () => void;
}

/** InterviewList shows what was found, or what to do when that is nothing. */
export function InterviewList({
  listing,
  state,
  words,
  busyId,
  groups,
  onMore,
  onAgain,
  ...on
}: InterviewListProps) {
  const { items, cursor, busy, error } = listing;
  const nothing = items.length === 0 && !busy && error === null;
  return (
    <section aria-label={T.title} aria-busy={busy}>
      <p role="status" className={classes.count}>
        {busy ? T.loading : nothing ? '' : T.count(items.length, cursor !== '')}
      </p>
      {items.length > 0 && (
        <ul className={classes.list}>
          {items.map((one) => (
            <InterviewRow key={one.id} interview={one} busy={one.id === busyId} groups={groups} {...on} />
          ))}
        </ul>
      )}
      {nothing && !cursor && <Empty state={state} words={words} onSearchAll={on.onSearchAll} />}
      {error !== null && (
        <div role="alert" className={classes.empty}>
          <h2>{T.loadFailed}</h2>
          <Button variant="default" onClick={onAgain}>
            {T.again}
          </Button>
        </div>
      )}
      {cursor && !busy && (
        <div className={classes.more}>
          <Button variant="default" size="xs" onClick={onMore}>
            {T.more}
          </Button>
        </div>
      )}
    </section>
  );
}

function Empty({ state, words, onSearchAll }: Pick<InterviewListProps, 'state' | 'words' | 'onSearchAll'>) {
  const { title, detail } = words ? T.empty.search : T.empty[state];
  return (
    <div className={classes.empty}>
      <h2>{title}</h2>
      <p>{detail}</p>
      {words && state !== 'all' && (
        <Button variant="default" size="xs" onClick={onSearchAll}>
          {T.searchAll}
        </Button>
      )}
    </div>
  );
}
