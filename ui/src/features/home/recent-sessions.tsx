import { ActionIcon } from '@mantine/core';
import { X } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { forgetSession, recentSessions } from '../../lib/saved-sessions';
import { TEXTS } from '../../lib/texts';
import classes from './home-page.module.css';

/** Sessions listed; older ones are still in the browser's history. */
const SHOWN = 5;

/** RecentSessions lists what this browser can rejoin without an invite. */
export function RecentSessions() {
  const [sessions, setSessions] = useState(() => recentSessions());
  if (sessions.length === 0) return null;
  const forget = (id: string) => {
    forgetSession(id);
    setSessions(recentSessions());
  };
  return (
    <nav className={classes.recent} aria-label={TEXTS.home.recentHeading}>
      <h2 className={classes.recentTitle}>{TEXTS.home.recentHeading}</h2>
      <ul className={classes.recentList}>
        {sessions.slice(0, SHOWN).map(({ id, title, participant }) => (
          <li key={id} className={classes.recentRow}>
            <Link to={`/s/${id}`} className={classes.recentLink}>
              <span className={classes.recentName}>{title || TEXTS.home.untitled}</span>
              <span className={classes.recentRole}>{TEXTS.people.roles[participant.role]}</span>
            </Link>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={TEXTS.home.recentForget(title || TEXTS.home.untitled)}
              onClick={() => forget(id)}
            >
              <X size={15} />
            </ActionIcon>
          </li>
        ))}
      </ul>
    </nav>
  );
}
