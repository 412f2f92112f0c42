import { describe, expect, test } from 'vitest';
import { TEXTS } from '../src/lib/texts';
import { home } from '../src/lib/texts/home';
import { codeOf, createSession, joinByLink } from './support/api';
import { Peer } from './support/peer';
import { Room } from './support/room';
import { Stage } from './support/stage';
import { until, untilEqual } from './support/until';

describe('at the door', () => {
  const stage = new Stage();

  test('an unknown session gets a friendly page', async () => {
    const visitor = await stage.visitor('Lost');
    await visitor.page.goto(`${stage.server.origin}/s/00000000`);
    await visitor.page.getByRole('link', { name: TEXTS.problems.home }).waitFor();
    await visitor.screenshot('unknown-session');
    await expectHeading(visitor.page, [TEXTS.problems.unknownSession.title, TEXTS.problems.needInvite.title]);
    visitor.excuse(/Failed to load resource/);
  });

  test('an invite that does not work gets a friendly page', async () => {
    const visitor = await stage.visitor('Lost');
    await visitor.page.goto(`${stage.server.origin}/j/aaaa-bbbb-cccc`);
    await expectHeading(visitor.page, [TEXTS.problems.unknownInvite.title]);
    await visitor.screenshot('unknown-invite');
    visitor.excuse(/Failed to load resource/);
  });

  test("the session's address alone opens nothing", async () => {
    const { id } = await createSession(stage.server);
    const visitor = await stage.visitor('Curious');
    await visitor.page.goto(`${stage.server.origin}/s/${id}`);
    await expectHeading(visitor.page, [TEXTS.problems.needInvite.title]);
    // The heading is read out, but is nothing to be used: it has the focus without a ring.
    const ring = await visitor.page
      .locator('h1:focus')
      .evaluate((heading) => getComputedStyle(heading).outlineStyle);
    expect(ring).toBe('none');
    await visitor.screenshot('need-invite');
    visitor.excuse(/Failed to load resource/);
  });

  test('an address that leads nowhere says so', async () => {
    const visitor = await stage.visitor('Lost');
    await visitor.page.goto(`${stage.server.origin}/no/such/page`);
    await expectHeading(visitor.page, ['Page not found']);
    visitor.excuse(/Failed to load resource/);
  });

  test('an observer reads along and cannot type', async () => {
    const [one, two] = await Promise.all([stage.visitor('Ada'), stage.visitor('Olga')]);
    const ada = await Room.create(one);
    const olga = await Room.join(two, await ada.inviteLink('observer'));
    await ada.replaceAll('// only Ada writes');
    await olga.shows('// only Ada writes');
    await olga.focus();
    await olga.type('hacked');
    await ada.press('ControlOrMeta+End');
    await ada.type('!');
    await olga.shows('// only Ada writes!');
    await ada.shows('// only Ada writes!');
    expect(await olga.page.getByRole('contentinfo').innerText()).not.toContain('runs in your browser');
    await olga.visitor.screenshot('observer');
  });

  test('an interviewer who holds no links makes a new one, and the old one ends', async () => {
    const { invites } = await createSession(stage.server);
    const visitor = await stage.visitor('Ada');
    const ada = await Room.join(visitor, invites.interviewer);
    await ada.page.getByRole('button', { name: TEXTS.room.share }).click();
    const label = TEXTS.share.roles.candidate.label;
    await ada.page.getByRole('button', { name: TEXTS.share.renewOf(label) }).click();
    await ada.page.getByText(TEXTS.share.renewWarning(label)).waitFor();
    await visitor.screenshot('share-renew');
    await joinByLink(stage.server, invites.candidate, 'Still in time');
    await ada.page.getByRole('button', { name: TEXTS.share.renewConfirm }).click();
    const field = ada.page.getByRole('textbox', { name: label });
    await field.waitFor();
    await until('the new link to have the focus', () =>
      field.evaluate((input) => input === document.activeElement),
    );
    await visitor.screenshot('share-renewed');
    const made = await field.inputValue();
    expect((await joinByLink(stage.server, made, 'Bob')).session.id).toBe(ada.id);
    await expect(joinByLink(stage.server, invites.candidate, 'Late')).rejects.toThrow('403');
    await ada.page.reload();
    await ada.opened();
    expect(await ada.inviteLink('candidate')).toBe(made);
  });

  test('a code typed on the home page joins too', async () => {
    const { invites } = await createSession(stage.server, { title: 'By code' });
    const visitor = await stage.visitor('Bob');
    const { page } = visitor;
    await page.goto(stage.server.origin);
    await visitor.screenshot('home');
    const code = invites.candidate.slice(-14).toUpperCase();
    await page.getByLabel(home.joinLabel).fill(code);
    await page.getByRole('button', { name: home.join, exact: true }).click();
    await page.getByLabel(TEXTS.lobby.nameLabel).fill('Bob');
    await visitor.screenshot('lobby');
    await page.getByRole('button', { name: TEXTS.lobby.join }).click();
    await page.waitForURL(/\/s\/[0-9a-f]{8}$/);
    await untilEqual('the title', 'By code · Parley', () => page.title());
  });

  test('no token and no invite code gets into the log', async () => {
    const { id, token, invites } = await createSession(stage.server);
    const joined = await joinByLink(stage.server, invites.candidate, 'Bob');
    const peer = await new Peer(stage.server, id, { token: joined.token }).synced();
    peer.leave();
    const visitor = await stage.visitor('Carl');
    await visitor.page.goto(invites.observer);
    await visitor.page.getByLabel(TEXTS.lobby.nameLabel).waitFor();
    // Requests are logged when they are answered, so this one comes last.
    await codeOf(stage.server, id, token);
    await until('the log of the requests', () => stage.server.output.includes(id));
    const secrets = [token, joined.token, ...Object.values(invites).map((link) => link.slice(-14))];
    for (const secret of secrets) expect(stage.server.output).not.toContain(secret);
  });
});

async function expectHeading(page: Room['page'], titles: string[]): Promise<void> {
  const heading = page.getByRole('heading', { name: new RegExp(titles.join('|')) });
  await heading.waitFor();
  expect(await heading.count()).toBe(1);
}
