import { Button } from '@mantine/core';
import { Lock, Play } from 'lucide-react';
import { useEffect, useMemo } from 'react';
import { Markdown } from '../../components/markdown';
import { Empty, Panel } from '../../components/panel';
import type { Guide } from '../../lib/questions-api';
import { questions as T } from '../../lib/texts/questions';
import { useReadable } from '../../lib/use-readable';
import type { Room } from '../../sync/room';
import { textOf } from '../../sync/text-field';
import { GuideParts } from './guide-parts';
import type { GuideStore } from './guide-store';
import { HiddenTestList } from './hidden-test-list';
import { Facts } from './question-list';
import classes from './guide.module.css';
import shared from './questions.module.css';

export interface GuidePanelProps {
  guide: GuideStore;
  room: Room;
  /** Runs all tests; null where they cannot be run now. */
  onTests: (() => void) | null;
}

/** GuidePanel is what interviewers have of the question: its parts, its guide, its hidden tests. */
export function GuidePanel({ guide: store, room, onTests }: GuidePanelProps) {
  const state = useReadable(store.state);
  return (
    <Panel
      title={T.guide}
      foot={
        <span className={classes.foot}>
          <Lock size={13} aria-hidden="true" />
          {T.guideFoot}
        </span>
      }
    >
      {state.status === 'ready' ? (
        <Ready {...{ store, room, onTests }} guide={state.guide} />
      ) : (
        <div role={state.status === 'failed' ? 'alert' : 'status'} className={classes.none}>
          {state.status === 'failed' ? (
            <Empty title={T.guideFailed} lead={state.reason}>
              <Button size="xs" variant="default" onClick={() => void store.load()}>
                {T.again}
              </Button>
            </Empty>
          ) : (
            <Empty title={T.guide} lead={T.opening} />
          )}
        </div>
      )}
    </Panel>
  );
}

interface ReadyProps extends Omit<GuidePanelProps, 'guide'> {
  store: GuideStore;
  guide: Guide;
}

function Ready({ store, guide, room, onTests }: ReadyProps) {
  const { language } = useReadable(room.active);
  useOthers(store, guide, room);
  return (
    <div className={classes.body} role="region" aria-label={T.guide} tabIndex={0}>
      <header className={classes.head}>
        <h3 className={classes.title}>{guide.title}</h3>
        <p className={shared.facts}>
          <Facts question={{ ...guide, languages: [guide.language] }} />
        </p>
      </header>
      {guide.part_list.length > 1 && <GuideParts guide={guide} onReveal={(part) => store.reveal(part)} />}
      <section>
        <h4 className={classes.heading}>{T.guide}</h4>
        {guide.guide.trim() === '' ? (
          <p className={classes.lead}>{T.noGuide}</p>
        ) : (
          <Markdown text={guide.guide} />
        )}
      </section>
      <HiddenTestList store={store} guide={guide} language={language}>
        <Button
          size="xs"
          variant="default"
          leftSection={<Play size={13} aria-hidden="true" />}
          disabled={!onTests}
          onClick={onTests ?? undefined}
        >
          {T.runAll}
        </Button>
      </HiddenTestList>
    </div>
  );
}

/** How often the server is asked for a part that it does not know yet, and the first pause. */
const TIMES = 6;
const PAUSE_MS = 500;

/**
 * useOthers asks the server again when a part stands in the problem that is not marked as revealed:
 * another interviewer or a program has revealed it. The server changes the problem before its
 * record, so its first answer may still be the old one.
 */
function useOthers(store: GuideStore, guide: Guide, room: Room): void {
  const readable = useMemo(() => textOf(room.doc.getText('prompt')), [room]);
  const problem = useReadable(readable);
  const next = guide.part_list.find(({ revealed }) => !revealed)?.prompt.trim();
  const news = next !== undefined && next !== '' && problem.includes(next);
  useEffect(() => {
    if (!news) return undefined;
    let timer = 0;
    const ask = (times: number, pause: number) => {
      void store.load();
      if (times > 1) timer = window.setTimeout(() => ask(times - 1, 2 * pause), pause);
    };
    ask(TIMES, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [news, next, store]);
}
