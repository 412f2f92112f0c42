import type { Page } from 'playwright-core';
import { describe, test } from 'vitest';
import { TEXTS } from '../src/lib/texts';
import { home } from '../src/lib/texts/home';
import { createSession, joinByLink } from './support/api';
import { networkTrouble } from './support/browser';
import { look } from './support/look';
import { enter } from './support/people';
import { Room } from './support/room';
import { Stage } from './support/stage';

const heading = (page: Page, name: string) => page.getByRole('heading', { name, exact: true });

describe('what keeps one out', () => {
  const stage = new Stage();

  test('each page says what to do next', async () => {
    const visitor = await stage.visitor('Lost');
    const { page } = visitor;
    const { origin } = stage.server;
    const { id } = await createSession(stage.server);
    await page.goto(`${origin}/s/${id}`);
    await heading(page, TEXTS.problems.needInvite.title).waitFor();
    await look(visitor, 'need-invite');
    const { invites } = await createSession(stage.server);
    await page.goto(invites.candidate.replace(/.{4}$/, 'zzzz'));
    await heading(page, TEXTS.problems.unknownInvite.title).waitFor();
    await page.getByRole('link', { name: TEXTS.problems.home }).click();
    await heading(page, home.title).waitFor();
    visitor.excuse(/Failed to load resource/);
  });

  test('a session that is over, and one that is full', async () => {
    const visitor = await stage.visitor('Late');
    const { page } = visitor;
    const { id, token, invites } = await createSession(stage.server);
    await enter(visitor, invites.candidate);
    await Room.opened(visitor);
    const headers = { authorization: `Bearer ${token}` };
    await fetch(`${stage.server.origin}/api/v1/sessions/${id}`, { method: 'DELETE', headers });
    await heading(page, TEXTS.problems.expired.title).waitFor();
    await look(visitor, 'expired');

    const full = await createSession(stage.server);
    for (let i = 0; i < 199; i++) await joinByLink(stage.server, full.invites.observer, `Guest ${i}`);
    await page.goto(full.invites.candidate);
    await page.getByLabel(TEXTS.lobby.nameLabel).fill('One too many');
    await page.getByRole('button', { name: TEXTS.lobby.join }).click();
    await heading(page, TEXTS.problems.full.title).waitFor();
    await look(visitor, 'full');
    visitor.excuse(/Failed to load resource/);
  });

  test('a server that is away: the page waits with a countdown, and goes on when it is back', async () => {
    const server = await stage.ownServer();
    const visitor = await stage.visitor('Ada', server);
    const { invites } = await createSession(server);
    await visitor.page.goto(server.origin);
    const link = visitor.page.getByLabel(home.joinLabel);
    await link.waitFor();
    await server.kill();
    await link.fill(invites.candidate);
    await visitor.page.getByRole('button', { name: home.join, exact: true }).click();
    await heading(visitor.page, TEXTS.problems.serverAway.title).waitFor();
    await look(visitor, 'server-away');
    await server.up();
    await visitor.page.getByRole('button', { name: TEXTS.problems.retry }).click();
    await visitor.page.getByLabel(TEXTS.lobby.nameLabel).waitFor();
    visitor.excuse(networkTrouble);
    // A part of the page may not have come yet when the server went.
    visitor.excuse(/preload CSS|dynamically imported|a part of the page/);
  });
});
