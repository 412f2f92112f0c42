import { useEffect, useState } from 'react';
import type { Api } from '../../lib/api';
import { whoAmI, type Me } from '../../lib/sign-in';

/** How the start page stands towards a sign-in. */
export type SignIn =
  /** The service has none, or has not said yet: the page is as it is without. */
  { status: 'none' } | { status: 'asking' } | { status: 'out' } | { status: 'in'; me: Me };

/** Whether this service asked for a sign-in the last time, so that the page does not jump. */
const KEY = 'parley:sign-in';

/** useSignIn finds out whether this service has a sign-in, and who is signed in. */
export function useSignIn(api: Api): [SignIn, (now: SignIn) => void] {
  const [signIn, setSignIn] = useState<SignIn>(() => ({ status: remembered() ? 'asking' : 'none' }));
  useEffect(() => {
    let current = true;
    find(api).then(
      (found) => current && setSignIn(found),
      // The form says what is wrong when it is sent.
      () => current && setSignIn({ status: remembered() ? 'out' : 'none' }),
    );
    return () => {
      current = false;
    };
  }, [api]);
  return [signIn, setSignIn];
}

async function find(api: Api): Promise<SignIn> {
  const config = await api.config();
  const on = config.sign_in !== 'none';
  remember(on);
  if (!on) return { status: 'none' };
  const me = await whoAmI();
  return me ? { status: 'in', me } : { status: 'out' };
}

function remembered(): boolean {
  try {
    return localStorage.getItem(KEY) === 'on';
  } catch {
    return false;
  }
}

function remember(on: boolean): void {
  try {
    if (on) localStorage.setItem(KEY, 'on');
    else localStorage.removeItem(KEY);
  } catch {
    // A browser that keeps nothing asks each time.
  }
}
