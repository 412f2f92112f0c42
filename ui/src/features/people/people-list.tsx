import { Tooltip, UnstyledButton } from '@mantine/core';
import { Avatar } from '../../components/avatar';
import { TEXTS } from '../../lib/texts';
import type { PresentPerson } from '../../sync/presence';
import { PresenceDot } from './presence-dot';
import classes from './people-list.module.css';

/** People beyond this are a number, so that the top bar keeps its shape. */
const SHOWN = 5;

export interface PeopleListProps {
  people: readonly PresentPerson[];
  /** Opens the whole list; missing where there is none. */
  onOpen?: () => void;
}

/** PeopleList shows who is here: a disc each, with name, role and presence on hover and for screen readers. */
export function PeopleList({ people, onOpen }: PeopleListProps) {
  const shown = people.slice(0, SHOWN);
  const hidden = people.slice(SHOWN);
  const list = (
    <ul className={classes.list} aria-label={TEXTS.people.label}>
      {shown.map((person) => (
        <PersonItem key={person.id} person={person} />
      ))}
      {hidden.length > 0 && (
        <li className={classes.more} title={hidden.map((person) => person.name).join(', ')}>
          +{hidden.length}
          <span className="visually-hidden"> {hidden.map((person) => person.name).join(', ')}</span>
        </li>
      )}
    </ul>
  );
  if (!onOpen) return list;
  return (
    <div className={classes.box}>
      {list}
      <UnstyledButton
        className={classes.open}
        aria-label={TEXTS.people.open(people.length)}
        onClick={onOpen}
      />
    </div>
  );
}

function PersonItem({ person }: { person: PresentPerson }) {
  const { you, describedAs, roles, activity } = TEXTS.people;
  const name = person.self ? you(person.name) : person.name;
  const label = describedAs(name, roles[person.role], activity[person.activity]);
  return (
    <Tooltip label={label} withArrow openDelay={150} events={{ hover: true, focus: false, touch: false }}>
      <li className={classes.person} aria-label={label}>
        <Avatar name={person.name} color={person.color} size={28} />
        {!person.self && <PresenceDot activity={person.activity} />}
      </li>
    </Tooltip>
  );
}
