import { useLocation, useNavigate } from 'react-router';
import { lazyDialog } from '../../components/lazy-dialog';
import { HomePage } from '../../features/home/home-page';
import { prefillOf } from '../../features/home/prefill';
import type { Api } from '../../lib/api';
import { saveJoined } from '../../lib/saved-sessions';
import { useTitle } from '../use-title';

const Chooser = lazyDialog(
  async () => (await import('../../features/questions/question-dialog')).QuestionDialog,
);

/** HomeRoute is the home page with the ways that lead on from it. */
export function HomeRoute({ api }: { api: Api }) {
  const navigate = useNavigate();
  // The router's name for the page that was opened first.
  const { key, pathname, search } = useLocation();
  const arrived = key !== 'default';
  useTitle();
  return (
    <HomePage
      api={api}
      arrived={arrived}
      prefill={pathname === '/new' ? prefillOf(search) : null}
      Chooser={Chooser}
      onCreated={(created) => {
        saveJoined(created, { invites: created.invites });
        void navigate(`/s/${created.session.id}`);
      }}
      onInvite={(code) => void navigate(`/j/${code}`)}
      onSession={(id) => void navigate(`/s/${id}`)}
    />
  );
}
