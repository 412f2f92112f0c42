import { Button } from '@mantine/core';
import { Clock3, Download, History, Play, Users } from 'lucide-react';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { Avatar } from '../../components/avatar';
import { Logo } from '../../components/logo';
import type { Participant } from '../../lib/api';
import { cleanName } from '../../lib/person-name';
import type { Role } from '../../lib/roles';
import { TEXTS } from '../../lib/texts';
import { ended as T } from '../../lib/texts/ended';
import { replayShare } from '../../lib/texts/replay-share';
import classes from './ended-page.module.css';
import { ShareReplay, type ReplaySharing } from './share-replay';
import { whenText } from './when-text';

export interface EndedPageProps {
  title: string;
  role: Role;
  /** Milliseconds; null when it is not known. */
  duration: number | null;
  people: readonly Participant[];
  runs: { count: number; more: boolean };
  /** Milliseconds since 1970. */
  expiresAt: number;
  download: () => Promise<void>;
  /** Missing for those who may not replay the interview. */
  onReplay?: () => void;
  /** Missing for those who may not share the replay. */
  sharing?: ReplaySharing;
  children: ReactNode;
}

/** EndedPage is the page after the end: a summary, and everything that was written. */
export function EndedPage({ title, role, expiresAt, children, ...rest }: EndedPageProps) {
  const { download, onReplay, sharing, ...facts } = rest;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <div className={classes.page}>
      <header className={classes.header}>
        <Logo />
      </header>
      <main className={classes.main}>
        <section className={classes.head}>
          <p className={classes.status}>{T.status}</p>
          <h1 ref={heading} tabIndex={-1} className={classes.title}>
            {title}
          </h1>
          <p className={classes.lead}>{role === 'interviewer' ? T.leadInterviewer : T.leadCandidate}</p>
          <Facts {...facts} />
          <div className={classes.actions}>
            {onReplay && (
              <Button size="md" leftSection={<History size={18} />} onClick={onReplay}>
                {replayShare.open}
              </Button>
            )}
            {sharing && <ShareReplay sharing={sharing} />}
            <DownloadButton download={download} quiet={onReplay !== undefined} />
            <span className={classes.expires}>{T.expires(whenText(expiresAt))}</span>
          </div>
        </section>
        <div className={classes.parts}>{children}</div>
      </main>
    </div>
  );
}

function Facts({ duration, people, runs }: Pick<EndedPageProps, 'duration' | 'people' | 'runs'>) {
  const took = duration === null ? null : T.durationOf(duration);
  return (
    <dl className={classes.facts}>
      {took && (
        <Fact icon={<Clock3 size={16} />} name={T.duration}>
          {took}
        </Fact>
      )}
      <Fact icon={<Play size={16} />} name={T.runs}>
        {runs.count === 0 ? T.runsNone : T.runsOf(runs.count, runs.more)}
      </Fact>
      <Fact icon={<Users size={16} />} name={T.people}>
        <ul className={classes.people}>
          {people.map(({ id, name, color, role }) => (
            <li key={id} className={classes.person}>
              <Avatar name={name} color={color} size={22} />
              <span className={classes.personName}>{cleanName(name)}</span>
              <span className={classes.personRole}>{TEXTS.people.roles[role]}</span>
            </li>
          ))}
        </ul>
      </Fact>
    </dl>
  );
}

function Fact({ icon, name, children }: { icon: ReactNode; name: string; children: ReactNode }) {
  return (
    <div className={classes.fact}>
      <dt className={classes.factName}>
        <span aria-hidden="true">{icon}</span>
        {name}
      </dt>
      <dd className={classes.factValue}>{children}</dd>
    </div>
  );
}

function DownloadButton({ download, quiet }: { download: () => Promise<void>; quiet: boolean }) {
  const [state, setState] = useState<'idle' | 'busy' | 'failed'>('idle');
  const start = () => {
    setState('busy');
    download().then(
      () => setState('idle'),
      () => setState('failed'),
    );
  };
  return (
    <>
      <Button
        variant={quiet ? 'default' : 'filled'}
        leftSection={<Download size={16} />}
        loading={state === 'busy'}
        title={T.downloadHint}
        onClick={start}
      >
        {T.download}
      </Button>
      {state === 'failed' && (
        <span role="alert" className={classes.failure}>
          {TEXTS.session.downloadFailed}
        </span>
      )}
    </>
  );
}
