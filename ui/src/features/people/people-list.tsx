import { Tooltip } from '@mantine/core';
import { Avatar } from '../../components/avatar';
import { TEXTS } from '../../lib/texts';
import type { PresentPerson } from '../../sync/presence';
import classes from './people-list.module.css';

/** People beyond this are a number, so that the top bar keeps its shape. */
const SHOWN = 6;

/** PeopleList shows who is here: a disc each, with name and role on hover, on focus and for screen readers. */
export function PeopleList({ people }: { people: readonly PresentPerson[] }) {
  const shown = people.slice(0, SHOWN);
  const hidden = people.slice(SHOWN);
  return (
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
}

function PersonItem({ person }: { person: PresentPerson }) {
  const name = person.self ? TEXTS.people.you(person.name) : person.name;
  const label = TEXTS.people.described(name, TEXTS.people.roles[person.role]);
  return (
    <Tooltip label={label} withArrow openDelay={150} events={{ hover: true, focus: true, touch: true }}>
      <li className={classes.person} tabIndex={0} aria-label={label}>
        <Avatar name={person.name} color={person.color} size={28} />
      </li>
    </Tooltip>
  );
}
