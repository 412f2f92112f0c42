import { useParams } from 'react-router';
import { savedSession } from '../../lib/saved-sessions';
import { ArchivedPage } from '../replay/archived-page';

/**
 * ArchivedRoute replays an archived interview for who is signed in. A token that this browser has
 * is not needed: the sign-in opens more.
 */
export function ArchivedRoute() {
  const { id = '' } = useParams();
  const participant = savedSession(id)?.participant ?? { id: '', name: '', role: 'interviewer', color: '' };
  const saved = { id, title: '', token: '', participant, expiresAt: 0, openedAt: 0 };
  return <ArchivedPage key={id} saved={saved} />;
}
