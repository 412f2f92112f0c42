import { ActionIcon, Button } from '@mantine/core';
import { X } from 'lucide-react';
import { useRef } from 'react';
import { Link } from 'react-router';
import { useFocusAfter } from '../../components/use-focus-after';
import type { Api } from '../../lib/api';
import type { SavedSession } from '../../lib/saved-sessions';
import { TEXTS } from '../../lib/texts';
import { home } from '../../lib/texts/home';
import classes from './home-page.module.css';
import { useRecent } from './use-recent';

/** RecentSessions lists what this browser can rejoin without an invite. */
export function RecentSessions({ api }: { api: Api }) {
  const { sessions, forget, forgetAll } = useRecent(api);
  return sessions.length > 0 && <Recent {...{ sessions, forget, forgetAll }} />;
}

function Recent({ sessions, forget, forgetAll }: ReturnType<typeof useRecent>) {
  const heading = useRef<HTMLHeadingElement>(null);
  // With the last session the list goes.
  const list = useFocusAfter<HTMLElement>();
  return (
    <nav ref={list} className={classes.recent} aria-label={home.recentHeading}>
      <div className={classes.recentHead}>
        <h2 ref={heading} tabIndex={-1} className={classes.recentTitle}>
          {home.recentHeading}
        </h2>
        <Button variant="subtle" color="gray" size="compact-xs" onClick={forgetAll}>
          {home.recentForgetAll}
        </Button>
      </div>
      <ul className={classes.recentList}>
        {sessions.map((session) => (
          <RecentRow
            key={session.id}
            session={session}
            onForget={() => {
              forget(session.id);
              heading.current?.focus();
            }}
          />
        ))}
      </ul>
    </nav>
  );
}

function RecentRow({ session, onForget }: { session: SavedSession; onForget: () => void }) {
  const { id, status, participant } = session;
  const title = session.title || TEXTS.room.untitled;
  return (
    <li className={classes.recentRow}>
      <Link to={`/s/${id}`} className={classes.recentLink}>
        <span className={classes.recentName}>{title}</span>
        <span className={classes.recentRole}>{TEXTS.people.roles[participant.role]}</span>
        {status && (
          <span className={classes.recentStatus} data-status={status}>
            {home.recentStatus[status]}
          </span>
        )}
      </Link>
      <ActionIcon variant="subtle" color="gray" aria-label={home.recentForget(title)} onClick={onForget}>
        <X size={15} />
      </ActionIcon>
    </li>
  );
}
