import { Tabs } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useEffect, useMemo, useState, type ReactNode } from 'react';
import { lazily } from '../../components/lazily';
import { Logo } from '../../components/logo';
import { Markdown } from '../../components/markdown';
import { Notice } from '../../components/notice';
import { Read } from '../../components/panel';
import { LazyReplayEditor } from '../../features/editor/lazy-replay-editor';
import { PeopleShown } from '../../features/replay/people-shown';
import { ReplayBar } from '../../features/replay/replay-bar';
import { ReplayControls, type Look } from '../../features/replay/replay-controls';
import controls from '../../features/replay/replay-controls.module.css';
import { ReplayFiles, ReplayMoments, ReplayOutput, ReplayPeople } from '../../features/replay/replay-sides';
import { useSelected } from '../../features/replay/use-selected';
import type { ScorecardBook } from '../../features/scorecard/scorecard-book';
import { clockText } from '../../lib/format-time';
import { TEXTS } from '../../lib/texts';
import { scorecards } from '../../lib/texts/scorecards';
import { replay as T } from '../../lib/texts/replay';
import type { Moment, Player, ReplayRun } from '../../replay/replay';
import { RoomLayout } from '../room/room-layout';
import { useTitle } from '../use-title';
import classes from './replay-frame.module.css';
import { RunText } from './run-text';
import { useComments } from './use-comments';
import { SceneSource } from './scene-source';
import { usePlayback, type Playing } from './use-playback';

const { Component: MomentSandbox } = lazily(async () => (await import('./moment-sandbox')).MomentSandbox);

const { Component: ScorecardPanel } = lazily(
  async () => (await import('../../features/scorecard/scorecard-panel')).ScorecardPanel,
);

export interface ReplayFrameProps {
  player: Player;
  /** Whether the address leads others to this replay. */
  linked: boolean;
  /** At the start of the top bar: the way back. */
  start?: ReactNode;
  /** At its end. */
  end?: ReactNode;
  /** The scorecards, for those who write one. */
  book?: ScorecardBook | null;
}

/** ReplayFrame is the room as it was, with the bar to move in time. */
export function ReplayFrame({ player, linked, start, end, book = null }: ReplayFrameProps) {
  const [look, setLook] = useState<Look>({ realTime: false, showChanged: false, blind: false });
  const people = useMemo(
    () => new PeopleShown(player.replay.header.people, look.blind),
    [player, look.blind],
  );
  const playing = usePlayback(player, people);
  const title = player.replay.header.title || TEXTS.room.untitled;
  useTitle(`${T.title}: ${title}`);
  if (!playing) return null;
  return <Opened {...{ playing, people, look, linked, start, end, title, setLook, book }} />;
}

interface OpenedProps extends Omit<ReplayFrameProps, 'player'> {
  playing: Playing;
  people: PeopleShown;
  look: Look;
  title: string;
  setLook: (look: Look) => void;
}

function Opened({ playing, people, look, linked, start, end, title, setLook, book = null }: OpenedProps) {
  const wide = useMediaQuery('(min-width: 820px)', true, { getInitialValueInEffect: false });
  const [tried, setTried] = useState<Moment | null>(null);
  const { playback, stage } = playing;
  const side = { playback, stage, people, book };
  const comments = useComments(book);
  useEffect(() => playback.setShowChanged(look.showChanged), [playback, look.showChanged]);
  const output = <ReplayOutput {...side} render={(run: ReplayRun) => <RunText run={run} />} />;
  const bar = (
    <footer className={controls.foot}>
      <ReplayBar playback={playback} people={people} realTime={look.realTime} notes={comments} />
      <ReplayControls
        {...side}
        look={look}
        onLook={(some) => setLook({ ...look, ...some })}
        linked={linked}
        onTry={() => {
          playback.pause();
          setTried(playback.moment.getSnapshot());
        }}
      />
    </footer>
  );
  return (
    <RoomLayout
      wide={wide}
      top={
        <header className={classes.top}>
          <Logo compact />
          {start}
          <h1 className={classes.title} title={title}>
            {title}
          </h1>
          <span className={classes.badge}>{T.title}</span>
          <span className={classes.end}>{end}</span>
        </header>
      }
      notice={<Notices playing={playing} />}
      side={wide && <Sides {...side} />}
      tabs={<ReplayFiles {...side} />}
      editor={<Scene playing={playing} people={people} />}
      output={wide ? output : <Sides {...side} output={output} />}
      status={bar}
      nav={bar}
    >
      {tried && <MomentSandbox moment={tried} onClose={() => setTried(null)} />}
    </RoomLayout>
  );
}

function Notices({ playing: { playback } }: { playing: Playing }) {
  const until = useSelected(playback.moment, quietOf);
  const { from } = playback.player.replay;
  return (
    <>
      {until > 0 && <Notice tone="info" text={T.quiet(clockText(until))} />}
      {from > 0 && <Notice tone="info" text={T.from(clockText(from))} />}
    </>
  );
}

const hasNoFiles = ({ files }: Moment) => files.length === 0;
const quietOf = ({ quietUntil }: Moment) => quietUntil;
const promptOf = ({ prompt }: Moment) => prompt;

type SidesProps = Playing & { people: PeopleShown; book: ScorecardBook | null; output?: ReactNode };

/** What stands beside the code; on a phone the output is among it. */
function Sides({ playback, stage, people, book, output }: SidesProps) {
  const prompt = useSelected(playback.moment, promptOf);
  const side = { playback, stage, people };
  return (
    <Tabs defaultValue={output ? 'runs' : 'problem'} keepMounted={false} className={classes.sides}>
      <Tabs.List aria-label={T.sides} className={classes.tabs}>
        {output && <Tabs.Tab value="runs">{T.runs}</Tabs.Tab>}
        <Tabs.Tab value="problem">{T.problem}</Tabs.Tab>
        <Tabs.Tab value="people">{T.people}</Tabs.Tab>
        <Tabs.Tab value="moments">{T.marks}</Tabs.Tab>
        {book && <Tabs.Tab value="scorecard">{scorecards.title}</Tabs.Tab>}
      </Tabs.List>
      {output && (
        <Tabs.Panel value="runs" className={classes.panel}>
          {output}
        </Tabs.Panel>
      )}
      <Tabs.Panel value="problem" className={classes.panel}>
        <Read label={T.problem}>
          {prompt.trim() === '' ? <p className={classes.empty}>{T.noProblem}</p> : <Markdown text={prompt} />}
        </Read>
      </Tabs.Panel>
      <Tabs.Panel value="people" className={classes.panel}>
        <ReplayPeople {...side} />
      </Tabs.Panel>
      <Tabs.Panel value="moments" className={classes.panel}>
        <ReplayMoments {...side} />
      </Tabs.Panel>
      {book && (
        <Tabs.Panel value="scorecard" className={classes.panel}>
          <ScorecardPanel book={book} moments={{ now: () => playback.at, open: (at) => playback.seek(at) }} />
        </Tabs.Panel>
      )}
    </Tabs>
  );
}

function Scene({ playing: { playback, stage }, people }: { playing: Playing; people: PeopleShown }) {
  const [source, setSource] = useState<SceneSource | null>(null);
  const empty = useSelected(playback.moment, hasNoFiles);
  useEffect(() => {
    const made = new SceneSource(playback, stage, people);
    // eslint-disable-next-line react-hooks/set-state-in-effect -- it lives as long as the effect
    setSource(made);
    return () => made.dispose();
  }, [playback, stage, people]);
  if (empty) return <p className={classes.empty}>{T.noFiles}</p>;
  return source && <LazyReplayEditor scene={source.scene} />;
}
