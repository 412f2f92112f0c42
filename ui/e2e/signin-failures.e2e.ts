import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { home } from '../src/lib/texts/home';
import { signIn as SIGN_IN } from '../src/lib/texts/sign-in';
import type { Visitor } from './support/browser';
import { enter } from './support/people';
import { outDir, binary } from './support/paths';
import { Provider } from './support/provider';
import { Room } from './support/room';
import type { Server } from './support/server';
import { arrive, atProvider, personMenu, signIn } from './support/signing-in';
import { Stage } from './support/stage';
import { until } from './support/until';

/** Whatever goes wrong, the person sees a page of Parley with a sentence and a way on. */
describe('a sign-in that fails', () => {
  const stage = new Stage();

  /** A provider and a server that signs people in there, for one test. */
  async function signInOf(...flags: string[]): Promise<{ provider: Provider; server: Server }> {
    const provider = await Provider.start();
    onTestFinished(() => provider.dispose());
    const server = await stage.ownServer(...provider.flags, ...flags);
    await provider.welcome(server);
    return { provider, server };
  }

  const problem = ({ page }: Visitor) => page.getByRole('heading', { name: 'You are not signed in' });

  test('a provider that is away stops no interview', async () => {
    const gone = await Provider.start();
    const flags = gone.flags;
    await gone.dispose();
    const lonely = await stage.ownServer(...flags, '--api-key', 'ats-key-0123456789');
    const made = await fetch(`${lonely.origin}/api/v1/sessions`, {
      method: 'POST',
      headers: { authorization: 'Bearer ats-key-0123456789' },
    });
    const { invites } = (await made.json()) as { invites: { candidate: string } };
    const candidate = await stage.visitor('Candidate', lonely);
    await enter(candidate, invites.candidate);
    await Room.opened(candidate);
    const ada = await arrive(stage, 'Ada', lonely);
    await ada.page.getByRole('link', { name: SIGN_IN.button }).click();
    await problem(ada).waitFor();
    await ada.page.getByText('does not answer').waitFor();
    ada.excuse(/status of 503/);
  });

  test('a provider that dies after it was found, hangs, and comes back', async () => {
    const { provider, server } = await signInOf();
    const ada = await arrive(stage, 'Ada', server);
    await signIn(ada, 'ada');
    const eve = await arrive(stage, 'Eve', server);
    const retry = eve.page.getByRole('link', { name: 'Try again' });
    provider.hang(true);
    await until('the answer of before to be old', async () => {
      await eve.page.goto(`${server.origin}/auth/login?next=/interviews`, {
        waitUntil: 'commit',
        timeout: 15_000,
      });
      return (await retry.count()) === 1;
    });
    await eve.page.getByText('does not answer').waitFor();
    await eve.screenshot('sign-in-provider-away');
    await eve.page.setViewportSize({ width: 390, height: 844 });
    await eve.page.emulateMedia({ colorScheme: 'light' });
    await eve.screenshot('sign-in-provider-away-phone');
    // Who was signed in stays so and creates.
    await ada.page.getByRole('button', { name: home.create }).click();
    await Room.opened(ada);
    // The button leads on when the provider is back.
    provider.hang(false);
    await retry.click();
    await atProvider(eve, 'bob');
    await personMenu(eve, 'bob').waitFor();
    expect(new URL(eve.page.url()).pathname).toBe('/interviews');
    // Now it dies at once, between the form and the answer.
    const late = await arrive(stage, 'Late', server);
    await late.page.getByRole('link', { name: SIGN_IN.button }).click();
    await late.page.getByLabel('Username:').waitFor();
    const callback = await lastStep(late);
    await provider.dispose();
    await late.page.goto(callback);
    await problem(late).waitFor();
    await late.page.getByText('does not answer').waitFor();
    await late.page.getByRole('link', { name: 'Go to the start page' }).click();
    await late.page.getByRole('link', { name: SIGN_IN.button }).waitFor();
    for (const visitor of [eve, late]) visitor.excuse(/status of 503/, /ERR_FAILED/);
  });

  /** Signs bob in and stops before the browser has the answer. */
  async function lastStep(visitor: Visitor): Promise<string> {
    let last = '';
    await visitor.page.route('**/login/username', async (route) => {
      if (route.request().method() !== 'POST') return route.continue();
      const form = await route.fetch({ maxRedirects: 0 });
      const step = await fetch(form.headers().location ?? '', { redirect: 'manual' });
      last = step.headers.get('location') ?? '';
      await route.fulfill({ body: 'stopped here' });
    });
    await atProvider(visitor, 'bob');
    await until('the last step', () => last !== '');
    await visitor.page.unroute('**/login/username');
    return last;
  }

  test('somebody who is in none of the groups, and settings that the provider refuses', async () => {
    const { provider, server } = await signInOf('--oidc-groups', 'staff');
    const bob = await arrive(stage, 'Bob', server);
    await bob.page.getByRole('link', { name: SIGN_IN.button }).click();
    await atProvider(bob, 'bob');
    await problem(bob).waitFor();
    await bob.page.getByText('You are in none of the groups').waitFor();
    expect((await bob.context.cookies()).map(({ name }) => name)).not.toContain('parley-local');
    // The way on asks who it is, for the provider knows the browser.
    await bob.page.getByRole('link', { name: 'Sign in as somebody else' }).click();
    await bob.page.getByLabel('Username:').waitFor();

    const wrong = await stage.ownServer(...provider.flags.map((flag) => (flag === 'hush' ? 'wrong' : flag)));
    await provider.welcome(wrong);
    const ada = await arrive(stage, 'Ada', wrong);
    await ada.page.getByRole('link', { name: SIGN_IN.button }).click();
    await atProvider(ada, 'ada');
    await problem(ada).waitFor();
    await ada.page.getByText('its operator finds the reason in the log').waitFor();
    await until('the reason in the log', () => /sign-in failed.*invalid_client/.test(wrong.output));
    bob.excuse(/status of 403/);
    ada.excuse(/status of 502/);
  });

  test('parley doctor tries the provider', async () => {
    const provider = await Provider.start();
    onTestFinished(() => provider.dispose());
    const doctor = async (flags: string[]) => {
      const where = ['--data-dir', `${outDir}/doctor`, '--public-url', 'https://parley.example'];
      const free = ['--addr', '127.0.0.1:0', '--metrics-addr', '127.0.0.1:0'];
      const run = promisify(execFile)(binary, ['doctor', ...where, ...free, ...flags]);
      const { stdout } = await run.catch((failed: { stdout: string }) => failed);
      return stdout.split('\n').filter((line) => line.includes('sign-in'));
    };
    expect((await doctor(provider.flags))[0]).toMatch(/^FAIL .* does not accept the client id/);
    await provider.welcome({ origin: 'https://parley.example' });
    expect((await doctor(provider.flags))[0]).toMatch(/^ok .* answers, with 1 keys/);
    const wrong = provider.flags.map((flag) => (flag === 'hush' ? 'wrong' : flag));
    expect((await doctor(wrong))[0]).toMatch(/^FAIL .* does not accept the client id/);
    await provider.dispose();
    expect((await doctor(provider.flags))[0]).toMatch(/^FAIL .* does not answer/);
  });
});
