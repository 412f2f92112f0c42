import type { Invitation } from '../../lib/api';
import { cleanName } from '../../lib/person-name';
import { TEXTS } from '../../lib/texts';
import classes from './lobby-page.module.css';

const LEADS = {
  waiting: TEXTS.lobby.leadWaiting,
  active: TEXTS.lobby.lead,
  ended: TEXTS.lobby.leadEnded,
} as const;

/** InvitationHead names the session that a person is about to join, and their role in it. */
export function InvitationHead({ invitation }: { invitation: Invitation | null }) {
  if (!invitation) {
    return (
      <div>
        <h1 className={classes.title}>{TEXTS.lobby.openTitle}</h1>
        <p className={classes.lead}>{TEXTS.lobby.lead}</p>
      </div>
    );
  }
  const host = cleanName(invitation.host);
  return (
    <div>
      <p className={classes.host}>
        {host ? TEXTS.lobby.invitedBy(host) : TEXTS.lobby.title}{' '}
        {TEXTS.lobby.invitedAs(TEXTS.people.roles[invitation.role])}
      </p>
      <h1 className={classes.title}>{invitation.title || TEXTS.room.untitled}</h1>
      <p className={classes.lead}>{LEADS[invitation.status]}</p>
    </div>
  );
}
