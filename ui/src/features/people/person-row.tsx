import { ActionIcon, Tooltip } from '@mantine/core';
import { Crosshair, UserMinus } from 'lucide-react';
import { Avatar } from '../../components/avatar';
import type { Person } from '../../lib/api';
import { cleanName } from '../../lib/person-name';
import { ROLES, isRole, type Role } from '../../lib/roles';
import { TEXTS } from '../../lib/texts';
import type { PresentPerson } from '../../sync/presence';
import { PresenceDot } from './presence-dot';
import classes from './people-panel.module.css';

export interface PersonRowProps {
  /** Without an activity: not here. */
  person: Person & Partial<PresentPerson>;
  /** In which file; "" where that goes without saying. */
  where: string;
  /** null where this person's role cannot be changed from here. */
  onRole: ((role: Role) => void) | null;
  onRemove: (() => void) | null;
  /** Shows where this person is in the files; null for oneself and for people who are not here. */
  onJump: (() => void) | null;
}

const T = TEXTS.people;

/** PersonRow is one person in the list. */
export function PersonRow({ person, where, onRole, onRemove, onJump }: PersonRowProps) {
  const name = cleanName(person.name) || T.someone;
  const shown = person.self ? T.you(name) : name;
  const role = T.roles[person.role];
  const state = person.activity ? [T.activity[person.activity], where && T.inFile(where)] : [];
  return (
    <li className={classes.row} data-absent={!person.activity}>
      <span className={classes.face}>
        <Avatar name={name} color={person.color} size={30} />
        {person.activity && <PresenceDot activity={person.activity} />}
      </span>
      <span className={classes.words}>
        <span className={classes.name} title={name}>
          {shown}
        </span>
        <span className={classes.state}>{[!onRole && role, ...state].filter(Boolean).join(' · ')}</span>
      </span>
      {onRole && <RoleSelect name={name} role={person.role} onChange={onRole} />}
      {onJump && (
        <Tooltip label={TEXTS.editor.jump(name)} withArrow openDelay={400}>
          <ActionIcon variant="subtle" color="gray" aria-label={TEXTS.editor.jump(name)} onClick={onJump}>
            <Crosshair size={16} aria-hidden="true" />
          </ActionIcon>
        </Tooltip>
      )}
      {onRemove && (
        <Tooltip label={T.remove} withArrow openDelay={400}>
          <ActionIcon variant="subtle" color="gray" aria-label={T.removeOf(name)} onClick={onRemove}>
            <UserMinus size={16} />
          </ActionIcon>
        </Tooltip>
      )}
    </li>
  );
}

function RoleSelect({ name, role, onChange }: { name: string; role: Role; onChange: (role: Role) => void }) {
  return (
    <select
      className={classes.role}
      aria-label={T.roleOf(name)}
      value={role}
      onChange={({ currentTarget: { value } }) => isRole(value) && onChange(value)}
    >
      {ROLES.map((one) => (
        <option key={one} value={one}>
          {T.roles[one]}
        </option>
      ))}
    </select>
  );
}
