import { ApiError, createSend } from './api';
import type { components } from './api-types.gen';

/** Me is the person who is signed in. */
export type Me = components['schemas']['Me'];

/** What the API says to an interviewer who has to sign in. */
const REQUIRED = 'sign_in_required';

/** loginAddress is where a person signs in, and comes back from to a page of this client. */
export function loginAddress(next = location.pathname + location.search): string {
  return `/auth/login?next=${encodeURIComponent(next)}`;
}

/** asksForSignIn reports whether an error of the API means that the person has to sign in. */
export function asksForSignIn(error: unknown): boolean {
  return error instanceof ApiError && error.code === REQUIRED;
}

/** whoAmI gives the person who is signed in; null: nobody. */
export async function whoAmI(): Promise<Me | null> {
  try {
    const answer = await createSend()({ method: 'GET', path: '/api/v1/me', input: {} });
    return (await answer.json()) as Me;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return null;
    throw error;
  }
}

/** signOut ends the sign-in of this browser, or of all browsers of the person. */
export async function signOut(everywhere: boolean): Promise<void> {
  const path = everywhere ? '/auth/logout?everywhere=1' : '/auth/logout';
  await createSend()({ method: 'POST', path, input: {} });
}
