import { Button } from '@mantine/core';
import { LogOut } from 'lucide-react';
import { useEffect, useRef, type ReactNode } from 'react';
import { Avatar } from '../../components/avatar';
import { CallLink } from '../../components/call-link';
import { Logo } from '../../components/logo';
import type { Person } from '../../lib/api';
import { cleanName } from '../../lib/person-name';
import { TEXTS } from '../../lib/texts';
import type { PresentPerson } from '../../sync/presence';
import type { ConnectionState } from '../../sync/room-connection';
import classes from './lobby-page.module.css';

export interface WaitingRoomProps {
  title: string;
  self: Person;
  /** Who is in the lobby or looks at it now. */
  people: readonly PresentPerson[];
  connection: ConnectionState['status'];
  callUrl?: string;
  onLeave: () => void;
  setup: ReactNode;
}

const T = TEXTS.lobby.waiting;

/** WaitingRoom is the page of a person who waits to be let in. */
export function WaitingRoom({ title, self, people, connection, callUrl, onLeave, setup }: WaitingRoomProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const hosts = people.filter(({ role, self: own }) => role === 'interviewer' && !own);
  return (
    <div className={classes.page}>
      <header className={classes.header}>
        <Logo />
      </header>
      <main className={classes.main} data-wide>
        <section className={classes.card} aria-label={T.title}>
          <div className={classes.waitingHead}>
            <p className={classes.host}>{title}</p>
            <h1 ref={heading} tabIndex={-1} className={classes.title}>
              {T.heading(cleanName(self.name))}
            </h1>
            <p className={classes.lead}>{T.calm}</p>
          </div>
          <div className={classes.status} data-tone={connection === 'offline' ? 'warn' : undefined}>
            <span className={classes.pulse} aria-hidden="true" />
            <span role="status">{statusText(connection, hosts)}</span>
          </div>
          <div className={classes.preview}>
            <span className={classes.previewLabel}>{TEXTS.lobby.preview}</span>
            <span className={classes.previewPerson}>
              <Avatar name={self.name} color={self.color} />
              <span className={classes.previewName}>{cleanName(self.name)}</span>
            </span>
          </div>
          {callUrl && <CallLink url={callUrl} />}
          <Button
            className={classes.leave}
            variant="subtle"
            color="gray"
            size="xs"
            leftSection={<LogOut size={14} />}
            onClick={onLeave}
          >
            {T.leave}
          </Button>
        </section>
        {setup}
      </main>
    </div>
  );
}

function statusText(connection: ConnectionState['status'], hosts: readonly PresentPerson[]): string {
  if (connection === 'offline') return T.offline;
  if (connection !== 'live') return T.connecting;
  if (hosts.length === 0) return T.noHost;
  const names = hosts.map(({ name }) => name).join(', ');
  return hosts.length === 1 ? T.hosts(names) : T.hostsMany(names);
}
