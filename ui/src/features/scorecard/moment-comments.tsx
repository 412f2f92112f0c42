import { ActionIcon, Button, Textarea } from '@mantine/core';
import { Trash2 } from 'lucide-react';
import { useRef, useState, type KeyboardEvent } from 'react';
import { clockText } from '../../lib/format-time';
import type { Scorecards } from '../../lib/scorecards-api';
import { scorecards as T } from '../../lib/texts/scorecards';
import type { Moments } from './moment-links';
import type { ScorecardBook } from './scorecard-book';
import classes from './scorecard.module.css';

export interface MomentCommentsProps {
  book: ScorecardBook;
  all: Scorecards;
  /** The participant who reads, whose comments can be removed. */
  mine: string;
  moments: Moments;
}

/** MomentComments are remarks on moments of the replay, and the field for a new one. */
export function MomentComments({ book, all, mine, moments }: MomentCommentsProps) {
  const comments = all.comments ?? [];
  const [failed, setFailed] = useState(false);
  const remove = (id: string) => book.withdraw(id).catch(() => setFailed(true));
  return (
    <section className={classes.comments} aria-label={T.comments}>
      <h3 className={classes.heading}>{T.comments}</h3>
      {comments.length === 0 && <p className={classes.faint}>{T.noComments}</p>}
      <ul className={classes.commentList}>
        {comments.map(({ id, author, moment, text }) => (
          <li key={id} className={classes.comment}>
            {moments.open ? (
              <button
                type="button"
                className={classes.commentAt}
                aria-label={T.moment(moment)}
                onClick={() => moments.open?.(moment)}
              >
                {clockText(moment)}
              </button>
            ) : (
              <span className={classes.commentAt}>{clockText(moment)}</span>
            )}
            <p className={classes.prose}>
              <strong>{author.name}</strong> {text}
            </p>
            {author.id === mine && (
              <ActionIcon
                variant="subtle"
                color="gray"
                size={26}
                aria-label={T.removeComment}
                onClick={() => void remove(id)}
              >
                <Trash2 size={14} />
              </ActionIcon>
            )}
          </li>
        ))}
      </ul>
      {failed && (
        <p role="alert" className={classes.bad}>
          {T.commentFailed}
        </p>
      )}
      {moments.now && mine !== '' && <NewComment book={book} now={moments.now} />}
    </section>
  );
}

/** The moment is the one at which the person began to write. */
function NewComment({ book, now }: { book: ScorecardBook; now: () => number }) {
  const [text, setText] = useState('');
  const [at, setAt] = useState<number | null>(null);
  const [state, setState] = useState<'idle' | 'busy' | 'failed'>('idle');
  const id = useRef('');
  const write = (next: string) => {
    setText(next);
    if (next === '') setAt(null);
    else if (at === null) {
      setAt(now());
      id.current = crypto.randomUUID();
    }
  };
  const add = async () => {
    if (at === null || text.trim() === '') return;
    setState('busy');
    try {
      await book.comment(id.current, at, text);
      write('');
      setState('idle');
    } catch {
      setState('failed');
    }
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void add();
  };
  return (
    <div className={classes.newComment}>
      <Textarea
        aria-label={T.commentLabel}
        placeholder={T.commentLabel}
        autosize
        minRows={1}
        maxRows={6}
        maxLength={2000}
        value={text}
        onChange={(event) => write(event.currentTarget.value)}
        onKeyDown={press}
      />
      {at !== null && (
        <div className={classes.row}>
          <Button size="xs" loading={state === 'busy'} onClick={() => void add()}>
            {T.commentAt(clockText(at))}
          </Button>
          {state === 'failed' && (
            <span role="alert" className={classes.bad}>
              {T.commentFailed}
            </span>
          )}
        </div>
      )}
    </div>
  );
}
