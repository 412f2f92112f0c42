import { Button } from '@mantine/core';
import { Plus } from 'lucide-react';
import { useEffect, useMemo, useRef, useState, type RefObject } from 'react';
import { Link } from 'react-router';
import { ConfirmDialog } from '../../components/confirm-dialog';
import { Logo } from '../../components/logo';
import { PersonMenu } from '../../features/home/person-menu';
import { SignInCard } from '../../features/home/sign-in-card';
import { useSignIn } from '../../features/home/use-sign-in';
import { ForgetDialog } from '../../features/interviews/forget-dialog';
import { InterviewList, Toolbar } from '../../features/interviews/interview-list';
import { nameOf } from '../../features/interviews/interview-row';
import classes from '../../features/interviews/interviews.module.css';
import { useInterviews } from '../../features/interviews/use-interviews';
import type { Api } from '../../lib/api';
import { browserInterviews } from '../../lib/browser-interviews';
import type { Interview, MyState } from '../../lib/my-interviews';
import { serviceInterviews } from '../../lib/my-interviews-service';
import { asksForSignIn } from '../../lib/sign-in';
import { interviews as T } from '../../lib/texts/interviews';
import { useTitle } from '../use-title';
import { useRowActions } from './use-row-actions';
import { useUnclaimed } from './use-unclaimed';

const NO_GROUPS: readonly string[] = [];

/** InterviewsRoute lists the interviews of whoever is signed in, else those of this browser. */
export function InterviewsRoute({ api }: { api: Api }) {
  const [signIn, setSignIn] = useSignIn(api);
  const me = signIn.status === 'in' ? signIn.me : null;
  const outside = signIn.status === 'asking' || signIn.status === 'out';
  useTitle(T.title);
  return (
    <div className={classes.page}>
      <header className={classes.header}>
        <Logo />
        {me && <PersonMenu me={me} onSignedOut={() => setSignIn({ status: 'out' })} />}
      </header>
      <main className={classes.main}>
        {outside ? (
          <div className={classes.signIn}>
            <SignInCard asking={signIn.status === 'asking'} />
          </div>
        ) : (
          <Mine
            key={me?.id}
            api={api}
            signedIn={me !== null}
            groups={me?.groups ?? NO_GROUPS}
            onSignedOut={() => setSignIn({ status: 'out' })}
          />
        )}
      </main>
    </div>
  );
}

interface MineProps {
  api: Api;
  signedIn: boolean;
  groups: readonly string[];
  onSignedOut: () => void;
}

function Mine({ api, signedIn, groups, onSignedOut }: MineProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const source = useMemo(() => (signedIn ? serviceInterviews() : browserInterviews(api)), [api, signedIn]);
  const [state, setState] = useState<MyState>('all');
  const [words, setWords] = useState('');
  const { listing, again, more, change } = useInterviews(source, state, words.trim());
  const rows = useRowActions(api, change);
  const whole = signedIn && state === 'all' && words.trim() === '' && !listing.busy && !listing.cursor;
  const unclaimed = useUnclaimed({
    items: whole && listing.error === null ? listing.items : null,
    onClaimed: again,
    onNote: rows.say,
  });
  const signedOut = signedIn && asksForSignIn(listing.error);
  useEffect(() => {
    if (signedOut) onSignedOut();
  }, [signedOut, onSignedOut]);
  return (
    <>
      <div className={classes.head}>
        <div>
          <h1 ref={heading} tabIndex={-1} className={classes.title}>
            {T.title}
          </h1>
          <p className={classes.lead}>{signedIn ? T.lead.signedIn : T.lead.browser}</p>
        </div>
        <Button component={Link} to="/new" leftSection={<Plus size={16} />}>
          {T.newSession}
        </Button>
      </div>
      {unclaimed.count > 0 && (
        <div className={classes.unclaimed}>
          <span>{T.unclaimed(unclaimed.count)}</span>
          <Button size="xs" variant="default" loading={unclaimed.busy} onClick={unclaimed.claim}>
            {T.claim}
          </Button>
        </div>
      )}
      <Toolbar state={state} words={words} onState={setState} onWords={setWords} />
      {rows.note && (
        <span
          role={rows.note.failed ? 'alert' : 'status'}
          className={`${classes.note} ${rows.note.failed ? classes.failure : ''}`}
        >
          {rows.note.text}
        </span>
      )}
      <InterviewList
        {...{ listing, state, words, groups }}
        busyId={rows.busyId}
        onMore={more}
        onAgain={again}
        onSearchAll={() => setState('all')}
        {...rows.actions}
      />
      <ForgetDialog
        interview={rows.forgetting}
        onClose={rows.forgetNobody}
        onForget={rows.forget}
        returnTo={heading}
      />
      <Doom doomed={rows.doomed} onClose={rows.keep} onConfirm={rows.remove} returnTo={heading} />
    </>
  );
}

interface DoomProps {
  doomed: Interview | null;
  onClose: () => void;
  onConfirm: () => Promise<void>;
  returnTo: RefObject<HTMLElement | null>;
}

/** Doom asks before an interview is deleted for good. */
function Doom({ doomed, ...rest }: DoomProps) {
  // The words stay while the dialog closes.
  const [shown, setShown] = useState<Interview | null>(null);
  if (doomed && doomed !== shown) setShown(doomed);
  const lead = shown?.standing === 'live' ? T.confirmLead.live : T.confirmLead.ended;
  return (
    <ConfirmDialog
      opened={doomed !== null}
      title={shown ? T.confirmTitle(nameOf(shown)) : ''}
      lead={lead}
      confirm={T.confirm}
      {...rest}
    />
  );
}
