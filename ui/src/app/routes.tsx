import { Route, Routes, useNavigate } from 'react-router';
import { Problem } from '../components/problem';
import { HomePage } from '../features/home/home-page';
import type { Api } from '../lib/api';
import { saveJoined } from '../lib/saved-sessions';
import { useTitle } from './use-title';
import { InvitePage } from './invite-page';
import { SessionPage } from './session-page';

/** AppRoutes is the map of the client: home, an invite, a session. */
export function AppRoutes({ api }: { api: Api }) {
  return (
    <Routes>
      <Route path="/" element={<Home api={api} />} />
      <Route path="/j/:code" element={<InvitePage api={api} />} />
      <Route path="/s/:id" element={<SessionPage api={api} />} />
      <Route path="*" element={<Problem kind="notFound" />} />
    </Routes>
  );
}

function Home({ api }: { api: Api }) {
  const navigate = useNavigate();
  useTitle();
  return (
    <HomePage
      api={api}
      onCreated={(created) => {
        saveJoined(created, { invites: created.invites });
        void navigate(`/s/${created.session.id}`);
      }}
      onInvite={(code) => void navigate(`/j/${code}`)}
      onSession={(id) => void navigate(`/s/${id}`)}
    />
  );
}
