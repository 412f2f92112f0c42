import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { home } from '../src/lib/texts/home';
import { interviews as T } from '../src/lib/texts/interviews';
import { prefilled } from '../src/lib/texts/prefilled';
import { networkTrouble, type Visitor } from './support/browser';
import { look } from './support/look';
import { enter } from './support/people';
import { Provider } from './support/provider';
import { endInterview } from './support/replay-page';
import { Room } from './support/room';
import { Server } from './support/server';
import { arrive, expected, signIn } from './support/signing-in';
import { Stage } from './support/stage';
import { until } from './support/until';

describe('my interviews, signed in', () => {
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

  const rows = ({ page }: Visitor) => page.getByRole('region', { name: T.title }).getByRole('listitem');
  const menu = ({ page }: Visitor, title: string) => page.getByRole('button', { name: T.actionsOf(title) });

  /** The links that the browser of whoever made the session has kept. */
  const candidateLink = ({ page }: Visitor) =>
    page.evaluate(() => {
      const kept = localStorage.getItem(`parley:session:${location.pathname.split('/')[2]}`);
      return (JSON.parse(kept ?? '{}') as { invites: { candidate: string } }).invites.candidate;
    });

  /** Opens a prefilled form, signs in on the way, and creates the session. */
  async function create(ada: Visitor): Promise<Room> {
    const { page } = ada;
    await page.getByText(prefilled.lead).waitFor();
    await page.getByLabel(home.nameLabel).fill('Ada');
    await page.getByRole('button', { name: home.create }).click();
    return Room.opened(ada);
  }

  test('the link of another service leads through the sign-in; the list follows the person', async () => {
    const asked = new URLSearchParams({ title: 'From the ATS', external_id: 'cand-7' });
    const ada = await arrive(stage, 'Ada', server, `/new?${asked}`);
    await signIn(ada, 'ada');
    expect(new URL(ada.page.url()).search).toBe(`?${asked}`);
    await ada.page.getByText(prefilled.externalId('cand-7')).waitFor();
    expect(await ada.page.getByLabel(home.titleLabel, { exact: true }).inputValue()).toBe('From the ATS');
    await create(ada);

    const elsewhere = await arrive(stage, 'Ada elsewhere', server, '/interviews');
    await signIn(elsewhere, 'ada');
    expect(new URL(elsewhere.page.url()).pathname).toBe('/interviews');
    await until('the interview to be listed', async () => (await rows(elsewhere).count()) === 1);
    await look(elsewhere, 'my-interviews-signed-in');
    await elsewhere.page.getByLabel(T.searchLabel).fill('CAND-7');
    await until('what is searched for', async () => (await rows(elsewhere).count()) === 1);
    await elsewhere.page.getByRole('button', { name: T.openOf('From the ATS') }).click();
    const room = await Room.opened(elsewhere);
    expect(ada.page.url()).toContain(room.id);

    const bob = await arrive(stage, 'Bob', server, '/interviews');
    await signIn(bob, 'bob');
    await bob.page.getByText(T.empty.all.title).waitFor();
  });

  test('a person is forgotten, and the interview deleted with its proof', async () => {
    const ada = await arrive(stage, 'Ada', server, '/new?title=Backend');
    await signIn(ada, 'ada');
    const room = await create(ada);
    const grace = await stage.visitor('Grace Hopper', server);
    await enter(grace, await candidateLink(ada));
    await Room.opened(grace);
    const { id } = room;
    await endInterview(room);
    const { page } = ada;
    await page.goto(`${server.origin}/interviews`);
    const forget = page.getByRole('menuitem', { name: T.forget });
    await until('the archive to have it', async () => {
      await page.reload();
      await menu(ada, 'Backend').click();
      return (await forget.count()) === 1;
    });
    await forget.click();
    const dialog = page.getByRole('dialog', { name: T.forgetTitle('Backend') });
    await dialog.getByRole('radio', { name: /Grace Hopper/ }).check();
    await look(ada, 'my-interviews-forget');
    await dialog.getByRole('button', { name: T.forgetConfirm }).click();
    await page.getByText(T.forgotten('Grace Hopper', 'Backend')).waitFor();
    await until(
      'the list to have no name',
      async () => !(await rows(ada).allInnerTexts()).join().includes('Grace'),
    );
    const known = async () => {
      const answer = await ada.context.request.get(`${server.origin}/api/v1/archive/${id}`);
      return `${answer.status()} ${await answer.text()}`;
    };
    expect(await known()).toMatch(/^200 .*"Candidate"/s);
    expect(await known()).not.toContain('Grace');

    await menu(ada, 'Backend').click();
    await page.getByRole('menuitem', { name: T.remove }).click();
    await page.getByRole('button', { name: T.confirm }).click();
    await page.getByText(`Interview ${id}, `).waitFor();
    await ada.screenshot('my-interviews-deleted');
    expect(await known()).toMatch(/^410 /);
    await until('the proof in the log', () =>
      server.output.split('\n').some((line) => line.includes(id) && /event"?[=:]"?deleted/.test(line)),
    );
    for (const visitor of [ada, grace]) visitor.excuse(/status of 410/, /WebSocket/);
  });

  test('what was made before there was a sign-in is added to the list', async () => {
    const own = await stage.ownServer();
    const ada = await stage.visitor('Ada', own);
    const { page } = ada;
    await Room.create(ada, 'JavaScript', 'From before');
    await page.goto(`${own.origin}/interviews`);
    await until('the list of the browser', async () => (await rows(ada).count()) === 1);
    await page.goto('about:blank');
    await own.stop();
    await own.up(...provider.flags);
    await provider.welcome(own);
    await page.goto(`${own.origin}/interviews`);
    await signIn(ada, 'ada');
    await page.getByText(T.unclaimed(1)).waitFor();
    await look(ada, 'my-interviews-unclaimed');
    await page.getByRole('button', { name: T.claim }).click();
    await page.getByText(T.claimed(1)).waitFor();
    await until('it to be listed', async () =>
      (await rows(ada).allInnerTexts()).join().includes('From before'),
    );
    expect(await page.getByText(T.unclaimed(1)).count()).toBe(0);
    const elsewhere = await arrive(stage, 'Ada elsewhere', own, '/interviews');
    await signIn(elsewhere, 'ada');
    await until('it to be listed there', async () => (await rows(elsewhere).count()) === 1);
    ada.excuse(...expected, networkTrouble);
  });

  test('an owner shares an interview with a group, and no longer', async () => {
    // The claim that both people of the provider have in common stands for a group.
    const own = await stage.ownServer(...provider.flags, '--oidc-groups-claim', 'email');
    await provider.welcome(own);
    const group = 'interviews@example.com';
    const ada = await arrive(stage, 'Ada', own, '/new?title=Shared');
    await signIn(ada, 'ada');
    await create(ada);
    const bob = await arrive(stage, 'Bob', own, '/interviews');
    await signIn(bob, 'bob');
    await bob.page.getByText(T.empty.all.title).waitFor();
    await ada.page.goto(`${own.origin}/interviews`);
    await menu(ada, 'Shared').click();
    await ada.page.getByRole('menuitem', { name: T.share(group) }).click();
    await ada.page.getByText(T.shared('Shared', group)).waitFor();
    await ada.page.getByText(T.team(group), { exact: true }).waitFor();
    await bob.page.reload();
    await until('Bob to see it', async () => (await rows(bob).count()) === 1);
    await menu(bob, 'Shared').click();
    expect(await bob.page.getByRole('menuitem', { name: T.unshare(group) }).count()).toBe(0);
    await bob.page.keyboard.press('Escape');
    await menu(ada, 'Shared').click();
    await ada.page.getByRole('menuitem', { name: T.unshare(group) }).waitFor();
    await ada.screenshot('my-interviews-share');
    await ada.page.getByRole('menuitem', { name: T.unshare(group) }).click();
    await ada.page.getByText(T.unshared('Shared')).waitFor();
    await bob.page.reload();
    await bob.page.getByText(T.empty.all.title).waitFor();
  });
});
