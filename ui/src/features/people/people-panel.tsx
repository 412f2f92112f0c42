import { Button } from '@mantine/core';
import { UserPlus } from 'lucide-react';
import { useRef, useState } from 'react';
import { LazyConfirm } from '../../components/lazy-confirm';
import { Panel } from '../../components/panel';
import { ApiError, type Person } from '../../lib/api';
import { problemOfError } from '../../lib/problem-kind';
import type { Role } from '../../lib/roles';
import { TEXTS } from '../../lib/texts';
import type { PresentPerson } from '../../sync/presence';
import { PersonRow } from './person-row';
import classes from './people-panel.module.css';

/** PeopleActions is what an interviewer may do with people. */
export interface PeopleActions {
  changeRole: (id: string, role: Role) => Promise<void>;
  remove: (id: string) => Promise<void>;
}

export interface PeoplePanelProps {
  people: readonly PresentPerson[];
  /** Who belongs to the session and is not here. */
  absent: readonly Person[];
  /** Name of a file; "" when it is unknown or the only one. */
  fileName: (id: string) => string;
  leading: PeopleActions | null;
  onInvite: (() => void) | null;
  /** Shows where somebody is in the files. */
  onJump: (id: string) => void;
}

const T = TEXTS.people;

/** PeoplePanel says who is here, how present, and where; interviewers change that here. */
export function PeoplePanel({ people, absent, fileName, leading, onInvite, onJump }: PeoplePanelProps) {
  const [removing, setRemoving] = useState<Person | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const list = useRef<HTMLDivElement>(null);

  const changeRole = async (id: string, role: Role) => {
    setFailure(null);
    await leading?.changeRole(id, role).catch((error: unknown) => {
      const last = error instanceof ApiError && error.code === 'last_interviewer';
      const { title } = TEXTS.problems[problemOfError(error, 'session')];
      setFailure(last ? T.lastInterviewer : TEXTS.session.failed(title));
    });
  };
  const row = (person: Person & Partial<PresentPerson>) => (
    <PersonRow
      key={person.id}
      person={person}
      where={person.file ? fileName(person.file) : ''}
      onRole={leading && !person.self ? (role) => void changeRole(person.id, role) : null}
      onRemove={leading && !person.self ? () => setRemoving(person) : null}
      onJump={person.activity && !person.self ? () => onJump(person.id) : null}
    />
  );
  return (
    <Panel title={TEXTS.beside.tabs.people} actions={onInvite && <InviteButton onClick={onInvite} />}>
      <div ref={list} tabIndex={-1} className={classes.lists}>
        <h3 className={classes.heading}>{T.here}</h3>
        <ul className={classes.list}>{people.map(row)}</ul>
        {absent.length > 0 && (
          <>
            <h3 className={classes.heading}>{T.notHere}</h3>
            <ul className={classes.list}>{absent.map(row)}</ul>
          </>
        )}
        {failure && (
          <p role="alert" className={classes.failure}>
            {failure}
          </p>
        )}
      </div>
      <LazyConfirm
        opened={removing !== null}
        title={T.removeTitle(removing?.name ?? '')}
        lead={T.removeLead}
        confirm={T.removeConfirm}
        onConfirm={async () => {
          if (removing) await leading?.remove(removing.id);
        }}
        onClose={() => setRemoving(null)}
        // The button that opened the dialog goes with the person.
        returnTo={list}
      />
    </Panel>
  );
}

function InviteButton({ onClick }: { onClick: () => void }) {
  return (
    <Button
      size="compact-sm"
      variant="subtle"
      leftSection={<UserPlus size={14} />}
      aria-haspopup="dialog"
      onClick={onClick}
    >
      {T.invite}
    </Button>
  );
}
