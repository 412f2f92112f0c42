import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { TEXTS } from '../src/lib/texts';
import { home } from '../src/lib/texts/home';
import { signIn as SIGN_IN } from '../src/lib/texts/sign-in';
import type { Visitor } from './support/browser';
import { look } from './support/look';
import { enter } from './support/people';
import { Provider } from './support/provider';
import { Room } from './support/room';
import { Server } from './support/server';
import {
  arrive as arriveAt,
  atProvider,
  expected,
  personMenu as menu,
  signIn as signInHere,
  type User,
} from './support/signing-in';
import { Stage } from './support/stage';
import { until, untilEqual } from './support/until';

interface Me {
  id: string;
  name: string;
  email: string;
}

const notSignedIn = 'You are not signed in';

describe('signing in', () => {
  const stage = new Stage();
  let provider: Provider;
  let server: Server;

  beforeAll(async () => {
    provider = await Provider.start();
    server = await Server.start(...provider.flags);
    await provider.welcome(server);
  });
  afterAll(async () => {
    await server?.dispose();
    await provider?.dispose();
  });

  /** Somebody at the start page. */
  const arrive = (name: string, at = server) => arriveAt(stage, name, at);

  async function signIn(visitor: Visitor, user: User): Promise<void> {
    await signInHere(visitor, user);
    const kept = await visitor.context.cookies(visitor.origin);
    expect(kept.map(({ name }) => name)).toEqual(['parley-local']);
  }

  /** Who the cookies of a browser stand for. */
  const me = async ({ context, origin }: Visitor) => {
    const answer = await context.request.get(`${origin}/api/v1/me`);
    return answer.ok() ? ((await answer.json()) as Me) : answer.status();
  };

  /** The links that the browser of whoever made the session has kept. */
  const invites = ({ page }: Visitor) =>
    page.evaluate(() => {
      const kept = localStorage.getItem(`parley:session:${location.pathname.split('/')[2]}`);
      return (JSON.parse(kept ?? '{}') as { invites: Record<'interviewer' | 'candidate', string> }).invites;
    });

  const problem = ({ page }: Visitor) => page.getByRole('heading', { name: notSignedIn });

  test('an interviewer signs in and creates; a candidate only follows a link', async () => {
    const ada = await arrive('Ada');
    await ada.page.getByRole('link', { name: SIGN_IN.button }).waitFor();
    expect(await ada.page.getByRole('button', { name: home.create }).count()).toBe(0);
    await look(ada, 'sign-in');
    await signIn(ada, 'ada');
    expect(await ada.page.getByLabel(home.nameLabel).inputValue()).toBe('Ada Lovelace');
    await menu(ada, 'ada').click();
    await ada.page.getByRole('menuitem', { name: SIGN_IN.signOut, exact: true }).waitFor();
    await look(ada, 'signed-in');
    await ada.page.keyboard.press('Escape');
    await ada.page.getByRole('button', { name: home.create }).click();
    await Room.opened(ada);
    const links = await invites(ada);

    const candidate = await stage.visitor('Candidate', server);
    await enter(candidate, links.candidate);
    await Room.opened(candidate);
    expect(await candidate.context.cookies()).toEqual([]);

    // The link for interviewers asks for a sign-in, and comes back to the interview.
    const bob = await stage.visitor('Bob', server);
    await bob.page.goto(links.interviewer);
    await bob.page.getByRole('heading', { name: SIGN_IN.leadTitle }).waitFor();
    await look(bob, 'sign-in-to-lead');
    await bob.page.getByRole('link', { name: SIGN_IN.button }).click();
    await atProvider(bob, 'bob');
    await bob.page.getByLabel(TEXTS.lobby.nameLabel).fill('Bob');
    await bob.page.getByRole('button', { name: TEXTS.lobby.join }).click();
    await Room.opened(bob);
    bob.excuse(...expected);

    // Signed out, the room of before still opens: its token needs no sign-in.
    const address = ada.page.url();
    await ada.page.goto(server.origin);
    await menu(ada, 'ada').click();
    await ada.page.getByRole('menuitem', { name: SIGN_IN.signOut, exact: true }).click();
    await ada.page.getByRole('link', { name: SIGN_IN.button }).waitFor();
    expect(await me(ada)).toBe(401);
    await ada.page.goto(address);
    await Room.opened(ada);
  });

  test('two people of one address are two, at one provider and at two', async () => {
    const other = await Provider.start();
    onTestFinished(() => other.dispose());
    const elsewhere = await stage.ownServer(...other.flags);
    await other.welcome(elsewhere);
    const ids: string[] = [];
    for (const [user, at] of [
      ['ada', server],
      ['bob', server],
      ['ada', elsewhere],
    ] as const) {
      const visitor = await arrive(user, at);
      await signIn(visitor, user);
      const { id, email } = (await me(visitor)) as Me;
      expect(email).toBe('interviews@example.com');
      ids.push(id);
    }
    expect(new Set(ids).size).toBe(3);
    const again = await arrive('ada');
    await signIn(again, 'ada');
    expect(((await me(again)) as Me).id).toBe(ids[0]);
  });

  test('an answer counts once, and in the browser that began', async () => {
    const [ada, eve] = await Promise.all([arrive('Ada'), arrive('Eve')]);
    // Eve signs in as herself and keeps the last step for somebody else.
    let last = '';
    await eve.page.route('**/login/username', async (route) => {
      if (route.request().method() !== 'POST') return route.continue();
      const form = await route.fetch({ maxRedirects: 0 });
      const step = await fetch(form.headers().location ?? '', { redirect: 'manual' });
      last = step.headers.get('location') ?? '';
      await route.fulfill({ body: 'stopped here' });
    });
    await eve.page.getByRole('link', { name: SIGN_IN.button }).click();
    await atProvider(eve, 'bob');
    await until('the last step', () => last !== '');
    await ada.page.goto(last);
    await problem(ada).waitFor();
    await ada.screenshot('sign-in-failed');
    await ada.page.emulateMedia({ colorScheme: 'light' });
    await ada.screenshot('sign-in-failed-light');
    // Ada has a sign-in under way; Eve's answer still does not fit.
    await ada.page.goto(`${server.origin}/auth/login`);
    await ada.page.getByLabel('Username:').waitFor();
    await ada.page.goto(last);
    await problem(ada).waitFor();
    expect(await me(ada)).toBe(401);
    // In her own browser it counts, once.
    await eve.page.unroute('**/login/username');
    await eve.page.goto(last);
    await menu(eve, 'bob').waitFor();
    await eve.page.goto(last);
    await problem(eve).waitFor();
    for (const forged of ['state=x&code=y', 'code=y', 'error=access_denied', '']) {
      await ada.page.goto(`${server.origin}/auth/callback?${forged}`);
      await problem(ada).waitFor();
    }
    for (const visitor of [ada, eve]) visitor.excuse(/status of 400/, /ERR_FAILED/);
  });

  test('a link to the sign-in leads to no other site', async () => {
    const evil = [
      '//evil.example',
      '/\\evil.example',
      '/%5Cevil.example',
      '/%09/evil.example',
      'https://evil.example',
    ];
    const visitor = await arrive('Ada');
    for (const next of evil) {
      await visitor.page.goto(`${server.origin}/auth/login?next=${encodeURIComponent(next)}`);
      await atProvider(visitor, 'ada');
      await menu(visitor, 'ada').waitFor();
      expect(visitor.page.url()).toBe(`${server.origin}/`);
    }
  });

  test('signing out everywhere ends the other browser', async () => {
    const [here, there] = await Promise.all([arrive('Ada here'), arrive('Ada there')]);
    await signIn(here, 'ada');
    await signIn(there, 'ada');
    await menu(here, 'ada').click();
    await here.page.getByRole('menuitem', { name: SIGN_IN.signOutEverywhere }).click();
    await here.page.getByRole('link', { name: SIGN_IN.button }).waitFor();
    expect(await me(there)).toBe(401);
    // The form is still there. It says what to do and keeps what was typed.
    await there.page.getByLabel(home.titleLabel).fill('Round 2');
    await there.page.getByRole('button', { name: home.create }).click();
    await there.page.getByText(SIGN_IN.again).waitFor();
    const [tab] = await Promise.all([
      there.context.waitForEvent('page'),
      there.page.getByRole('link', { name: SIGN_IN.button }).click(),
    ]);
    await tab.getByLabel('Username:').fill('ada');
    await tab.getByLabel('Password:').fill('secret');
    await tab.getByRole('button', { name: 'Login' }).click();
    await tab.getByRole('button', { name: SIGN_IN.menu('Ada Lovelace') }).waitFor();
    await there.page.getByRole('button', { name: home.create }).click();
    await Room.opened(there);
    expect(await there.page.title()).toContain('Round 2');
  });

  test('pages of another origin change nothing with the cookie', async () => {
    const ada = await arrive('Ada');
    await signIn(ada, 'ada');
    // Another port of the same host is the same site, so that the browser sends the cookie along.
    const evil = createServer((_, answer) => answer.setHeader('content-type', 'text/html').end('<body>'));
    evil.listen(0, '127.0.0.1');
    await once(evil, 'listening');
    onTestFinished(() => void evil.close());
    await ada.page.goto(`http://127.0.0.1:${(evil.address() as AddressInfo).port}/`);
    const before = server.output.split('route=/api/v1/sessions').length;
    await ada.page.evaluate(async (origin) => {
      const send = { method: 'POST', credentials: 'include', mode: 'no-cors' } as const;
      await fetch(`${origin}/api/v1/sessions`, send).catch(() => undefined);
      await fetch(`${origin}/auth/logout?everywhere=1`, send).catch(() => undefined);
    }, server.origin);
    await until('the requests to arrive', () => server.output.split('auth/logout').length > 1);
    expect(server.output.split('route=/api/v1/sessions').length).toBeGreaterThanOrEqual(before);
    await Promise.all([
      ada.page.waitForNavigation(),
      ada.page.evaluate((origin) => {
        document.body.innerHTML = `<form method="post" action="${origin}/auth/logout"></form>`;
        document.forms[0]?.submit();
      }, server.origin),
    ]);
    await ada.page.goto(server.origin);
    await menu(ada, 'ada').waitFor();
    ada.excuse(/status of 403/, /ERR_BLOCKED/, /NotSameOrigin/);
  });

  test('the service worker leaves the sign-in alone', async () => {
    const ada = await arrive('Ada');
    await ada.page.evaluate(async () => {
      await navigator.serviceWorker.ready;
    });
    await ada.page.reload();
    await untilEqual('a page with a worker', true, () =>
      ada.page.evaluate(() => !!navigator.serviceWorker.controller),
    );
    const callbacks: string[] = [];
    ada.context.on('request', (request) => {
      if (request.url().startsWith(`${server.origin}/auth/callback`)) callbacks.push(request.url());
    });
    await signIn(ada, 'ada');
    expect(callbacks).toHaveLength(1);
    const lines = server.output.split('\n').filter((line) => line.includes('sign-in failed'));
    expect(lines.filter((line) => line.includes(new URL(callbacks[0] ?? '').search))).toEqual([]);
  });
});
