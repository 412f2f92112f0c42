import { useCallback, useEffect, useState } from 'react';
import { Navigate, useNavigate, useParams } from 'react-router';
import { lazily } from '../../components/lazily';
import { Problem } from '../../components/problem';
import { preloadEditor } from '../../features/editor/lazy-editor';
import { LobbyPage } from '../../features/lobby/lobby-page';
import { LookingPage } from '../../features/lobby/looking-page';
import { ApiError, type Api, type Invitation, type Profile } from '../../lib/api';
import { parseCode } from '../../lib/invite-code';
import { problemOfError, type ProblemKind } from '../../lib/problem-kind';
import { saveJoined, sessionJoinedWith } from '../../lib/saved-sessions';
import { TEXTS } from '../../lib/texts';
import { Setup } from './setup';
import { useTitle } from '../use-title';

// Candidates and observers never see this page, and their browsers do not load it.
const { Component: SignInFirst } = lazily(async () => (await import('./sign-in-first')).SignInFirst);

type Look =
  | { status: 'looking' }
  | { status: 'signIn' }
  | { status: 'invited'; invitation: Invitation }
  | { status: 'problem'; kind: ProblemKind };

/** While the server is away it is asked again this often. */
const RETRY_MS = 5_000;

/**
 * InvitePage turns an invite into a place in its session. A browser that used it before goes
 * straight back.
 */
export function InvitePage({ api }: { api: Api }) {
  const { code: raw = '' } = useParams();
  const code = parseCode(raw);
  const [known] = useState(() => (code ? sessionJoinedWith(code) : null));
  useTitle(TEXTS.lobby.title);
  useEffect(preloadEditor, []);

  if (known) return <Navigate to={`/s/${known.id}`} replace />;
  if (!code) return <Problem kind="unknownInvite" />;
  return <Invited key={code} api={api} code={code} />;
}

function Invited({ api, code }: { api: Api; code: string }) {
  const navigate = useNavigate();
  const { look, fail, again } = useLook(api, code);
  if (look.status === 'looking') return <LookingPage />;
  if (look.status === 'signIn') return <SignInFirst />;
  if (look.status === 'problem') {
    const canRetry = look.kind === 'serverAway' || look.kind === 'busy';
    return <Problem kind={look.kind} onRetry={canRetry ? again : undefined} />;
  }
  const join = async (person: Profile) => {
    try {
      const joined = await api.join({ invite: code, ...person });
      saveJoined(joined, { invite: code });
      await navigate(`/s/${joined.session.id}`, { replace: true });
    } catch (error) {
      fail(error);
    }
  };
  const { invitation } = look;
  return (
    <LobbyPage
      invitation={invitation}
      onJoin={join}
      setup={invitation.status !== 'ended' && <Setup api={api} sessionId={invitation.session} />}
    />
  );
}

function lookAfter(error: unknown): Look {
  if (error instanceof ApiError && error.code === 'sign_in_required') return { status: 'signIn' };
  return { status: 'problem', kind: problemOfError(error, 'invite') };
}

/** useLook finds out what a code leads to, before anybody types their name. */
function useLook(api: Api, code: string) {
  const [look, setLook] = useState<Look>({ status: 'looking' });
  const [attempt, setAttempt] = useState(0);
  const fail = useCallback((error: unknown) => setLook(lookAfter(error)), []);
  useEffect(() => {
    let current = true;
    api.invitation(code).then(
      (invitation) =>
        current && setLook(invitation.sign_in ? { status: 'signIn' } : { status: 'invited', invitation }),
      (error: unknown) => current && fail(error),
    );
    return () => {
      current = false;
    };
  }, [api, code, attempt, fail]);
  const away = look.status === 'problem' && look.kind === 'serverAway';
  useEffect(() => {
    if (!away) return undefined;
    const timer = setInterval(() => setAttempt((n) => n + 1), RETRY_MS);
    return () => clearInterval(timer);
  }, [away]);
  const again = () => {
    setLook({ status: 'looking' });
    setAttempt((n) => n + 1);
  };
  return { look, fail, again };
}
