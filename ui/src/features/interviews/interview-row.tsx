import { ActionIcon, Button, Menu } from '@mantine/core';
import { ArrowRight, Download, Ellipsis, Lock, LockOpen, Play, Trash2, UserX } from 'lucide-react';
import type { Interview } from '../../lib/my-interviews';
import { TEXTS } from '../../lib/texts';
import { interviews as T } from '../../lib/texts/interviews';
import classes from './interviews.module.css';

/** What can be done with an interview. */
export interface RowActions {
  onOpen: (interview: Interview) => void;
  onDownload: (interview: Interview) => void;
  onHold: (interview: Interview, hold: boolean) => void;
  onForget: (interview: Interview) => void;
  onDelete: (interview: Interview) => void;
}

const WHEN = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });
const DAY = new Intl.DateTimeFormat('en', { dateStyle: 'long' });

/** nameOf is what an interview is called. */
export const nameOf = ({ title }: Interview): string => title || TEXTS.room.untitled;

/** InterviewRow is an interview in the list. */
export function InterviewRow({
  interview,
  busy,
  ...on
}: { interview: Interview; busy: boolean } & RowActions) {
  const { standing, at, people, question, externalId, team, replay } = interview;
  const replays = standing === 'archived' && replay;
  const name = nameOf(interview);
  return (
    <li className={classes.row}>
      <div className={classes.about}>
        <h2 className={classes.name}>{name}</h2>
        <p className={classes.detail}>
          <span className={classes.standing} data-standing={standing}>
            {T.states[standing]}
          </span>
          <time dateTime={new Date(at).toISOString()}>{WHEN.format(at)}</time>
          {[question, externalId, team && T.team(team)].filter(Boolean).map((text) => (
            <span key={text}>{text}</span>
          ))}
        </p>
        <p className={classes.people}>{people.map((person) => person.name).join(', ')}</p>
      </div>
      <p className={classes.kept}>{keptText(interview)}</p>
      <div className={classes.actions}>
        <Button
          size="xs"
          variant="default"
          loading={busy}
          aria-label={replays ? T.replayOf(name) : T.openOf(name)}
          leftSection={replays ? <Play size={14} /> : <ArrowRight size={14} />}
          onClick={() => on.onOpen(interview)}
        >
          {replays ? T.replay : T.open}
        </Button>
        {interview.leads && <More interview={interview} {...on} />}
      </div>
    </li>
  );
}

function keptText({ hold, deleted, standing, archived }: Interview): string {
  if (hold) return T.heldUntil;
  if (deleted === null) return archived ? T.forEver : '';
  return standing === 'live' || standing === 'prepared' ? '' : T.until(DAY.format(deleted));
}

function More({
  interview,
  onDownload,
  onHold,
  onForget,
  onDelete,
}: { interview: Interview } & Omit<RowActions, 'onOpen'>) {
  const { hold, archived, standing } = interview;
  return (
    <Menu position="bottom-end" width={190} shadow="xl" withinPortal>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={T.actionsOf(nameOf(interview))}>
          <Ellipsis size={17} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {standing !== 'prepared' && (
          <Menu.Item leftSection={<Download size={15} />} onClick={() => onDownload(interview)}>
            {T.download}
          </Menu.Item>
        )}
        {archived && (
          <Menu.Item
            leftSection={hold ? <LockOpen size={15} /> : <Lock size={15} />}
            onClick={() => onHold(interview, !hold)}
          >
            {hold ? T.release : T.hold}
          </Menu.Item>
        )}
        {archived && (
          <Menu.Item leftSection={<UserX size={15} />} onClick={() => onForget(interview)}>
            {T.forget}
          </Menu.Item>
        )}
        <Menu.Item
          className={classes.delete}
          leftSection={<Trash2 size={15} />}
          disabled={hold}
          onClick={() => onDelete(interview)}
        >
          {T.remove}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
