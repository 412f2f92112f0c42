import { ActionIcon, Button, Menu } from '@mantine/core';
import { ArrowRight, Download, Ellipsis, Lock, LockOpen, Play, Trash2, Users, UserX } from 'lucide-react';
import type { Interview } from '../../lib/my-interviews';
import { TEXTS } from '../../lib/texts';
import { interviews as T } from '../../lib/texts/interviews';
import classes from './interviews.module.css';

/** What can be done with an interview. */
export interface RowActions {
  onOpen: (interview: Interview) => void;
  onDownload: (interview: Interview) => void;
  onHold: (interview: Interview, hold: boolean) => void;
  /** Shares it with a group; "": with nobody. */
  onShare: (interview: Interview, team: string) => void;
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
  groups,
  ...on
}: { interview: Interview; busy: boolean; groups: readonly string[] } & RowActions) {
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
        {interview.leads && <More interview={interview} groups={groups} {...on} />}
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
  groups,
  onDownload,
  onHold,
  onShare,
  onForget,
  onDelete,
}: { interview: Interview; groups: readonly string[] } & Omit<RowActions, 'onOpen'>) {
  const { hold, archived, standing, mine, team } = interview;
  const teams = mine && standing !== 'archived' ? shareable(groups, team) : [];
  return (
    <Menu
      position="bottom-end"
      width={230}
      shadow="xl"
      withinPortal
      classNames={{ itemLabel: classes.menuLabel }}
    >
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
        {teams.map((one) => (
          <Menu.Item
            key={one}
            leftSection={<Users size={15} />}
            onClick={() => onShare(interview, one === team ? '' : one)}
          >
            {one === team ? T.unshare(one) : T.share(one)}
          </Menu.Item>
        ))}
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

/** Groups that the menu offers. Some people are in hundreds. */
const MAX_GROUPS = 6;

/** shareable lists the groups to share with. The one that has the interview already comes first. */
function shareable(groups: readonly string[], team: string): string[] {
  const rest = groups.filter((one) => one !== team);
  return (team ? [team, ...rest] : rest).slice(0, MAX_GROUPS);
}
