import { Route, Routes } from 'react-router';
import { lazily } from '../components/lazily';
import { Problem } from '../components/problem';
import { EditorSkeleton } from '../features/editor/editor-skeleton';
import type { Api } from '../lib/api';

// The server's page for an address names the files of its route (vite/route-pages.ts), so their
// download has begun already.
const { Component: Home } = lazily(async () => (await import('./entry/home-route')).HomeRoute);
const { Component: Invite } = lazily(async () => (await import('./entry/invite-page')).InvitePage);
const { Component: Session } = lazily(
  async () => (await import('./session-page')).SessionPage,
  <EditorSkeleton />,
);

const { Component: Bundle } = lazily(async () => (await import('./replay/bundle-route')).BundleRoute);
const { Component: Replay } = lazily(async () => (await import('./replay/link-route')).LinkRoute);

const { Component: Interviews } = lazily(
  async () => (await import('./interviews/interviews-route')).InterviewsRoute,
);
const { Component: Archived } = lazily(
  async () => (await import('./interviews/archived-route')).ArchivedRoute,
);

/** AppRoutes is the map of the client: home, lists, an invite, a session, a replay. */
export function AppRoutes({ api }: { api: Api }) {
  return (
    <Routes>
      <Route path="/" element={<Home api={api} />} />
      <Route path="/new" element={<Home api={api} />} />
      <Route path="/interviews" element={<Interviews api={api} />} />
      <Route path="/interviews/:id" element={<Archived />} />
      <Route path="/j/:code" element={<Invite api={api} />} />
      <Route path="/s/:id" element={<Session api={api} />} />
      <Route path="/replay" element={<Bundle />} />
      <Route path="/r/:code" element={<Replay />} />
      <Route path="*" element={<Problem kind="notFound" />} />
    </Routes>
  );
}
