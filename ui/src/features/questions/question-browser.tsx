import { Button } from '@mantine/core';
import { ArrowLeft } from 'lucide-react';
import { useMemo, useRef, useState, type ReactNode } from 'react';
import type { QuestionSummary } from '../../lib/questions-api';
import { questions as T } from '../../lib/texts/questions';
import { ANYTHING, fitting, type Wanted } from './fitting';
import { QuestionFilters } from './question-filters';
import { QuestionList } from './question-list';
import { QuestionPane, type PickProps } from './question-pane';
import { useQuestions } from './use-questions';
import classes from './questions.module.css';

export interface QuestionBrowserProps extends PickProps {
  /** Of an interviewer. Without it the sign-in of the browser opens the list. */
  token?: string;
  /** Whether list and preview stand side by side. */
  wide: boolean;
}

/** QuestionBrowser is where an interviewer looks for a question and looks at it. */
export function QuestionBrowser(props: QuestionBrowserProps) {
  const { loading, again } = useQuestions(props.token);
  if (loading.status === 'loading') {
    return (
      <div className={classes.message} role="status">
        {T.loading}
      </div>
    );
  }
  if (loading.status === 'failed') {
    return (
      <Message alert title={T.failed} lead={loading.reason}>
        <Button variant="default" size="xs" data-autofocus onClick={again}>
          {T.again}
        </Button>
      </Message>
    );
  }
  if (loading.value.length === 0) return <Message title={T.none} lead={T.noneLead} />;
  return <Browsing {...props} all={loading.value} />;
}

function Browsing({ all, token, wide, ...pick }: QuestionBrowserProps & { all: QuestionSummary[] }) {
  const [wanted, setWanted] = useState(ANYTHING);
  const [chosen, setChosen] = useState('');
  const [opened, setOpened] = useState(false);
  const list = useRef<HTMLDivElement>(null);
  const pane = useRef<HTMLDivElement>(null);
  const found = useMemo(() => fitting(all, wanted), [all, wanted]);
  const question = found.find(({ id }) => id === chosen);
  const open = (id: string) => {
    setChosen(id);
    setOpened(true);
    // When it is drawn: on a phone it takes the place of the list.
    requestAnimationFrame(() => pane.current?.focus());
  };
  const back = () => {
    setOpened(false);
    requestAnimationFrame(() => list.current?.focus());
  };
  const covers = !wide && opened && question !== undefined;
  return (
    <div className={classes.browser} data-wide={wide}>
      {!covers && (
        <div className={classes.side}>
          <QuestionFilters
            all={all}
            wanted={wanted}
            focus={wide}
            onChange={(some: Partial<Wanted>) => setWanted((now) => ({ ...now, ...some }))}
            onDown={() => list.current?.focus()}
          />
          <p role="status" className={classes.count}>
            {found.length === all.length ? T.count(all.length) : T.countOf(found.length, all.length)}
          </p>
          {found.length > 0 ? (
            <QuestionList {...{ found, chosen, list }} onChoose={setChosen} onOpen={open} />
          ) : (
            <Message title={T.noMatch} lead={T.noMatchLead}>
              <Button variant="default" size="xs" onClick={() => setWanted(ANYTHING)}>
                {T.clear}
              </Button>
            </Message>
          )}
        </div>
      )}
      {(wide || covers) && (
        <section ref={pane} tabIndex={-1} className={classes.pane} aria-label={T.preview}>
          {covers && (
            <Button
              variant="subtle"
              color="gray"
              size="xs"
              className={classes.back}
              leftSection={<ArrowLeft size={15} aria-hidden="true" />}
              onClick={back}
            >
              {T.back}
            </Button>
          )}
          {question ? (
            <QuestionPane summary={question} token={token} {...pick} />
          ) : (
            <p className={classes.message}>{T.pick}</p>
          )}
        </section>
      )}
    </div>
  );
}

interface MessageProps {
  title: string;
  lead: string;
  alert?: boolean;
  children?: ReactNode;
}

/** Message says what there is in place of what was looked for. */
export function Message({ title, lead, alert, children }: MessageProps) {
  return (
    <div className={classes.message} role={alert ? 'alert' : undefined}>
      <h3>{title}</h3>
      <p>{lead}</p>
      {children}
    </div>
  );
}
