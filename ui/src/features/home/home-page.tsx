import { Check } from 'lucide-react';
import { useEffect, useRef, type ComponentType } from 'react';
import { Link } from 'react-router';
import { Logo } from '../../components/logo';
import type { Api, Created } from '../../lib/api';
import { home } from '../../lib/texts/home';
import { CreateForm } from './create-form';
import { JoinForm } from './join-form';
import { PersonMenu } from './person-menu';
import type { Prefill } from './prefill';
import type { ChooserProps } from './problem-field';
import { RecentSessions } from './recent-sessions';
import { SignInCard } from './sign-in-card';
import { useSignIn } from './use-sign-in';
import classes from './home-page.module.css';

export interface HomePageProps {
  api: Api;
  /** Whether the person came from another page of the client. Then the heading takes the focus. */
  arrived: boolean;
  prefill: Prefill | null;
  /** Where a question is chosen. */
  Chooser: ComponentType<ChooserProps>;
  onCreated: (created: Created) => void;
  onInvite: (code: string) => void;
  onSession: (id: string) => void;
}

/** HomePage is where an interviewer begins, and where a candidate with a bare code arrives. */
export function HomePage({ api, arrived, prefill, Chooser, onCreated, onInvite, onSession }: HomePageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const [signIn, setSignIn] = useSignIn(api);
  const me = signIn.status === 'in' ? signIn.me : null;
  useEffect(() => {
    if (arrived) heading.current?.focus();
  }, [arrived]);
  return (
    <div className={classes.page}>
      <header className={classes.header}>
        <Logo />
        <nav className={classes.nav}>
          <Link to="/interviews" className={classes.navLink}>
            {home.interviews}
          </Link>
          {me && <PersonMenu me={me} onSignedOut={() => setSignIn({ status: 'out' })} />}
        </nav>
      </header>
      <main className={classes.main}>
        <section className={classes.pitch}>
          <h1 ref={heading} tabIndex={-1} className={classes.title}>
            {home.title}
          </h1>
          <p className={classes.lead}>{home.lead}</p>
          <ul className={classes.points}>
            {home.points.map((point) => (
              <li key={point}>
                <Check size={16} aria-hidden="true" />
                {point}
              </li>
            ))}
          </ul>
          <RecentSessions api={api} />
        </section>
        <div className={classes.forms}>
          {signIn.status === 'asking' || signIn.status === 'out' ? (
            <SignInCard asking={signIn.status === 'asking'} />
          ) : (
            <CreateForm key={me?.id} name={me?.name} {...{ api, prefill, Chooser, onCreated }} />
          )}
          <JoinForm onInvite={onInvite} onSession={onSession} />
        </div>
      </main>
    </div>
  );
}
