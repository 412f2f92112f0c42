import { Button } from '@mantine/core';
import { useState, type RefObject } from 'react';
import { Avatar } from '../../components/avatar';
import { LazyConfirm } from '../../components/lazy-confirm';
import type { Person } from '../../lib/api';
import { cleanName } from '../../lib/person-name';
import { TEXTS } from '../../lib/texts';
import classes from './lobby-list.module.css';

/** WaitingPerson is somebody in the lobby. */
export interface WaitingPerson extends Person {
  /** Whether their page is open. */
  here: boolean;
}

export interface LobbyListProps {
  waiting: readonly WaitingPerson[];
  admit: (id: string) => Promise<void>;
  refuse: (id: string) => Promise<void>;
  /** Gets the focus when the row of the button that had it is gone. */
  place: RefObject<HTMLElement | null>;
}

const T = TEXTS.session;

/** LobbyList shows an interviewer who waits, and lets them in or turns them away. */
export function LobbyList({ waiting, admit, refuse, place }: LobbyListProps) {
  const [refusing, setRefusing] = useState<WaitingPerson | null>(null);
  const name = cleanName(refusing?.name ?? '');
  return (
    <>
      <ul className={classes.list} aria-label={T.lobby}>
        {waiting.map((person) => (
          <Row
            key={person.id}
            person={person}
            onAdmit={() => admit(person.id).then(() => place.current?.focus())}
            onRefuse={() => setRefusing(person)}
          />
        ))}
      </ul>
      <LazyConfirm
        opened={refusing !== null}
        title={T.refuseTitle(name)}
        lead={T.refuseLead}
        confirm={T.refuseConfirm}
        onConfirm={async () => {
          if (refusing) await refuse(refusing.id);
        }}
        onClose={() => setRefusing(null)}
        returnTo={place}
      />
    </>
  );
}

interface RowProps {
  person: WaitingPerson;
  onAdmit: () => Promise<void>;
  onRefuse: () => void;
}

function Row({ person, onAdmit, onRefuse }: RowProps) {
  const [busy, setBusy] = useState(false);
  const name = cleanName(person.name);
  const role = TEXTS.people.roles[person.role];
  const admit = () => {
    setBusy(true);
    void onAdmit().catch(() => setBusy(false));
  };
  return (
    <li className={classes.row} data-here={person.here}>
      <Avatar name={name} color={person.color} size={24} />
      <span className={classes.name} title={name}>
        {name}
      </span>
      <span className={classes.role}>{person.here ? role : `${role}, ${T.gone}`}</span>
      <Button size="compact-xs" variant="default" loading={busy} aria-label={T.admitOf(name)} onClick={admit}>
        {T.admit}
      </Button>
      <Button
        size="compact-xs"
        variant="subtle"
        color="gray"
        aria-label={T.refuseOf(name)}
        onClick={onRefuse}
      >
        {T.refuse}
      </Button>
    </li>
  );
}
