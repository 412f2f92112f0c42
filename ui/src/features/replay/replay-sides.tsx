import { UnstyledButton } from '@mantine/core';
import { CircleAlert, CircleCheck, CircleDashed, CircleStop, Lock } from 'lucide-react';
import type { KeyboardEvent, ReactNode } from 'react';
import { Avatar } from '../../components/avatar';
import { clockText } from '../../lib/format-time';
import { languageLabel } from '../../lib/languages';
import { TEXTS } from '../../lib/texts';
import { replay as T } from '../../lib/texts/replay';
import { useReadable } from '../../lib/use-readable';
import type { Moment, ReplayRun } from '../../replay/replay';
import type { PeopleShown } from './people-shown';
import type { Playback } from './playback';
import classes from './replay-sides.module.css';
import type { Stage } from './stage';
import { useSelected } from './use-selected';
import { markText } from './value-text';

const filesOf = (moment: Moment) => moment.files;
const runOf = (moment: Moment) => moment.runs.at(-1);
const peopleOf = (moment: Moment) => moment.people;

export interface SideProps {
  playback: Playback;
  stage: Stage;
  people: PeopleShown;
}

/** ReplayFiles are the files of the moment, with who is in each. */
export function ReplayFiles({ playback, stage, people }: SideProps) {
  const files = useSelected(playback.moment, filesOf);
  const present = useSelected(playback.moment, peopleOf, samePeople);
  const shown = useReadable(stage.file);
  const press = (event: KeyboardEvent, index: number) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const next = by && files[(index + by + files.length) % files.length];
    if (!next) return;
    event.preventDefault();
    stage.open(next.id);
    (event.currentTarget.parentElement?.children[files.indexOf(next)] as HTMLElement | undefined)?.focus();
  };
  return (
    <div role="tablist" aria-label={T.files} className={classes.tabs}>
      {files.map((file, index) => (
        <button
          key={file.id}
          type="button"
          role="tab"
          className={classes.tab}
          aria-selected={file.id === shown}
          tabIndex={file.id === shown ? 0 : -1}
          title={file.name}
          onClick={() => stage.open(file.id)}
          onKeyDown={(event) => press(event, index)}
        >
          {file.id === shown && <Lock size={12} aria-hidden="true" />}
          <span className={classes.tabName}>{file.name}</span>
          {present
            .filter(({ here, file: where }) => here && where === file.id)
            .slice(0, 3)
            .map(({ id }) => (
              <span key={id} className={classes.dot} style={{ background: people.color(id) }} />
            ))}
        </button>
      ))}
    </div>
  );
}

function samePeople(a: Moment['people'], b: Moment['people']): boolean {
  return (
    a.length === b.length &&
    a.every((one, index) => {
      const other = b[index];
      return (
        one === other ||
        (one.id === other?.id &&
          one.here === other.here &&
          one.state === other.state &&
          one.file === other.file)
      );
    })
  );
}

const RUN_ICONS: Record<string, typeof CircleCheck> = {
  ok: CircleCheck,
  running: CircleDashed,
  stopped: CircleStop,
};

/** ReplayOutput is the last run of the moment, with what it had written by then. */
export function ReplayOutput({
  playback,
  people,
  render,
}: Pick<SideProps, 'playback' | 'people'> & { render: (run: ReplayRun) => ReactNode }) {
  const run = useSelected(playback.moment, runOf);
  const status = TEXTS.run.status[(run?.status ?? 'ok') as keyof typeof TEXTS.run.status];
  const Icon = RUN_ICONS[run?.status ?? ''] ?? CircleAlert;
  return (
    <section className={classes.output} aria-label={T.runs}>
      <header className={classes.head}>
        <h2 className={classes.title}>{T.runs}</h2>
        {run && (
          <>
            <span className={classes.by}>
              {TEXTS.run.ranBy(people.name(run.by))}, {languageLabel(run.language)}
            </span>
            <span className={classes.status} data-status={run.status}>
              <Icon size={14} aria-hidden="true" />
              {status}
            </span>
          </>
        )}
      </header>
      <div className={classes.written}>{run ? render(run) : <p className={classes.empty}>{T.noRuns}</p>}</div>
    </section>
  );
}

/** ReplayPeople is who was there, and how. */
export function ReplayPeople({ playback, stage, people }: SideProps) {
  const present = useSelected(playback.moment, peopleOf, samePeople);
  const files = useSelected(playback.moment, filesOf);
  const followed = useReadable(stage.follow);
  return (
    <ul className={classes.people}>
      {people.all.map(({ id, name, color, role }) => {
        const now = present.find((one) => one.id === id);
        const file = files.find((one) => one.id === now?.file);
        const state = now?.here ? now.state : 'gone';
        return (
          <li key={id}>
            <UnstyledButton
              className={classes.person}
              data-state={state}
              aria-pressed={followed === id}
              onClick={() => stage.followOnly(id)}
            >
              <Avatar name={name} color={color} size={28} />
              <span className={classes.personText}>
                <span className={classes.personName}>{name}</span>
                <span className={classes.personState}>
                  {TEXTS.people.roles[role]}, {T.states[state]}
                  {state !== 'gone' && file ? `, ${TEXTS.people.inFile(file.name)}` : ''}
                </span>
              </span>
            </UnstyledButton>
          </li>
        );
      })}
    </ul>
  );
}

/** ReplayMoments lists the marks, each a way to its moment. */
export function ReplayMoments({ playback, people }: Pick<SideProps, 'playback' | 'people'>) {
  return (
    <ul className={classes.moments}>
      {playback.player.replay.marks.map((mark, index) => (
        <li key={index}>
          <UnstyledButton className={classes.moment} onClick={() => playback.seek(mark.at)}>
            <span className={classes.momentAt}>{clockText(mark.at)}</span>
            <span>{markText(mark, people)}</span>
          </UnstyledButton>
        </li>
      ))}
    </ul>
  );
}
