import { useEffect, useState } from 'react';
import { Navigate, useNavigate, useParams } from 'react-router';
import { Problem } from '../components/problem';
import { preloadEditor } from '../features/editor/lazy-editor';
import { LobbyPage } from '../features/lobby/lobby-page';
import type { Api, Profile } from '../lib/api';
import { parseCode } from '../lib/invite-code';
import { problemOfError, type ProblemKind } from '../lib/problem-kind';
import { saveJoined, sessionJoinedWith } from '../lib/saved-sessions';
import { TEXTS } from '../lib/texts';
import { useTitle } from './use-title';

/** InvitePage turns an invite into a place in its session. A browser that used it before goes straight back. */
export function InvitePage({ api }: { api: Api }) {
  const { code: raw = '' } = useParams();
  const code = parseCode(raw);
  const navigate = useNavigate();
  const [problem, setProblem] = useState<ProblemKind | null>(null);
  const [known] = useState(() => (code ? sessionJoinedWith(code) : null));
  useTitle(TEXTS.lobby.title);
  useEffect(preloadEditor, []);

  if (known) return <Navigate to={`/s/${known.id}`} replace />;
  if (!code) return <Problem kind="unknownInvite" />;
  if (problem) {
    const again = problem === 'serverAway' || problem === 'busy' ? () => setProblem(null) : undefined;
    return <Problem kind={problem} onRetry={again} />;
  }
  const join = async (person: Profile) => {
    try {
      const joined = await api.join({ invite: code, ...person });
      saveJoined(joined, { invite: code });
      await navigate(`/s/${joined.session.id}`, { replace: true });
    } catch (error) {
      setProblem(problemOfError(error, 'invite'));
    }
  };
  return <LobbyPage title={TEXTS.lobby.title} onJoin={join} />;
}
