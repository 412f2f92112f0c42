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
  /** Id of the person whose place the editor shows. */
  followed: string | null;
  /** Follows a person, or stops it. */
  onFollow: (id: string) => void;
  /** Opens the whole list; missing where there is none. */
  onOpen?: () => void;
}

/**
 * PeopleList shows who is here: a disc each, with name, role and presence on hover and for screen
 * readers. The discs of others are buttons, to look at what they look at; the rest of the row opens
 * the whole list.
 */
export function PeopleList({ people, followed, onFollow, onOpen }: PeopleListProps) {
  const shown = people.slice(0, SHOWN);
  const hidden = people.slice(SHOWN);
  const list = (
    <ul className={classes.list} aria-label={TEXTS.people.label}>
      {shown.map((person) => (
        <PersonItem
          key={person.id}
          person={person}
          followed={person.id === followed}
          onFollow={() => onFollow(person.id)}
        />
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

interface PersonItemProps {
  person: PresentPerson;
  followed: boolean;
  onFollow: () => void;
}

function PersonItem({ person, followed, onFollow }: PersonItemProps) {
  const { you, describedAs, roles, activity } = TEXTS.people;
  const name = person.self ? you(person.name) : person.name;
  const label = describedAs(name, roles[person.role], activity[person.activity]);
  const avatar = <Avatar name={person.name} color={person.color} size={28} />;
  const hint = person.self ? label : `${label}. ${TEXTS.editor.follow(person.name)}`;
  return (
    <Tooltip label={hint} withArrow openDelay={150} events={{ hover: true, focus: true, touch: false }}>
      <li className={classes.person} aria-label={label}>
        {person.self ? (
          avatar
        ) : (
          <UnstyledButton
            className={classes.follow}
            aria-label={TEXTS.editor.follow(person.name)}
            aria-pressed={followed}
            onClick={onFollow}
          >
            {avatar}
          </UnstyledButton>
        )}
        {!person.self && <PresenceDot activity={person.activity} />}
      </li>
    </Tooltip>
  );
}
