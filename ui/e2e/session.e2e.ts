import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { TEXTS } from '../src/lib/texts';
import { ended } from '../src/lib/texts/ended';
import { home } from '../src/lib/texts/home';
import { type Visitor } from './support/browser';
import { look } from './support/look';
import { enter, make } from './support/people';
import { Room } from './support/room';
import { Stage } from './support/stage';

const S = TEXTS.session;
const B = TEXTS.beside;

const heading = (page: Page, name: string) => page.getByRole('heading', { name, exact: true });

describe('from the start page to the end', () => {
  const stage = new Stage();

  test('one prepares, the other tries their set-up in the lobby; it starts, and it ends', async () => {
    const [one, two] = await Promise.all([stage.visitor('Grace Hopper'), stage.visitor('Ada Lovelace')]);
    await one.page.goto(stage.server.origin);
    await look(one, 'home');
    await make(one, { title: 'Backend, round 2', entry: 'start', problem: 'Meeting rooms' });
    const grace = await Room.opened(one);
    const notice = one.page.getByRole('region', { name: S.lobby });
    await notice.getByText(S.nobodyWaits).waitFor();
    await heading(one.page, 'Meeting rooms').waitFor();
    expect(await grace.text()).toContain('roomsNeeded');
    const link = await grace.inviteLink('candidate');

    // The candidate sees what they are invited to, and waits.
    await two.page.goto(link);
    await heading(two.page, 'Backend, round 2').waitFor();
    await two.page.getByText(/Works, /).waitFor();
    await look(two, 'join');
    await enter(two, link);
    await heading(two.page, TEXTS.lobby.waiting.heading('Ada Lovelace')).waitFor();
    await two.page.getByText(TEXTS.lobby.waiting.hosts('Grace Hopper')).waitFor();
    await tryOut(two);
    await look(two, 'waiting');
    await notice.getByText(S.waiting(1)).waitFor();
    await notice.getByText('Ada Lovelace').waitFor();
    await look(one, 'prepare');

    // Somebody who has no business here is turned away.
    const three = await stage.visitor('Mallory');
    await enter(three, link);
    await notice.getByRole('button', { name: S.refuseOf('Mallory') }).click();
    await one.page.getByRole('dialog').getByRole('button', { name: S.refuseConfirm }).click();
    await heading(three.page, TEXTS.problems.removed.title).waitFor();
    await notice.getByText(S.waiting(1)).waitFor();

    // The start takes in whoever waits, without their doing anything.
    await notice.getByRole('button', { name: S.start }).click();
    const ada = await Room.opened(two);
    await notice.waitFor({ state: 'hidden' });
    await heading(two.page, 'Meeting rooms').waitFor();
    expect(await two.page.getByRole('tab', { name: B.tabs.notes }).count()).toBe(0);
    await ada.replaceAll('console.log("three rooms");');
    await ada.runButton.click();
    await grace.outputHas('three rooms');
    await look(two, 'room-candidate');

    await end(one);
    for (const visitor of [one, two]) await visitor.page.getByText(ended.status).waitFor();
    await two.page.getByText('three rooms').first().waitFor();
    await two.page.getByRole('tab', { name: 'main.js' }).waitFor();
    expect(await two.page.getByRole('heading', { name: ended.notes }).count()).toBe(0);
    expect(await one.page.getByRole('heading', { name: ended.notes }).count()).toBe(1);
    await look(two, 'ended');
    const download = two.page.waitForEvent('download');
    await two.page.getByRole('button', { name: ended.download }).click();
    expect((await download).suggestedFilename()).toMatch(/^parley-[0-9a-f]{8}\.zip$/);

    // It is among the recent ones, as ended, until it is forgotten.
    await two.page.goto(stage.server.origin);
    const recent = two.page.getByRole('navigation', { name: home.recentHeading });
    await recent.getByText(home.recentStatus.ended).waitFor();
    await look(two, 'home-recent');
    await recent.getByRole('button', { name: home.recentForget('Backend, round 2') }).click();
    await recent.waitFor({ state: 'hidden' });
    three.excuse(/Failed to load resource/);
  });

  test('who is let in one by one waits until somebody says so, also after the start', async () => {
    const [one, two] = await Promise.all([stage.visitor('Grace'), stage.visitor('Ada')]);
    await make(one, { entry: 'ask' });
    const grace = await Room.opened(one);
    const link = await grace.inviteLink('candidate');
    await one.page.getByRole('button', { name: S.start }).click();
    await one.page.getByRole('button', { name: S.start }).waitFor({ state: 'hidden' });
    await enter(two, link);
    await one.page.getByRole('button', { name: S.admitOf('Ada') }).click();
    await (await Room.opened(two)).shows(await grace.text());
  });

  /** Looks at the connection, types and runs in the lobby, and sees that all of it works. */
  async function tryOut({ page }: Visitor): Promise<void> {
    const setup = page.getByRole('region', { name: TEXTS.lobby.setup.title });
    await setup.getByText(/Works, /).waitFor();
    await setup.getByTestId('small-editor').locator('.view-lines').click();
    await page.keyboard.press('ControlOrMeta+End');
    await page.keyboard.type("console.log('my turn');");
    await setup.getByText(TEXTS.lobby.setup.editorTyped).waitFor();
    await setup.getByRole('button', { name: TEXTS.lobby.setup.run }).click();
    await setup.getByText(TEXTS.lobby.setup.runGood).waitFor();
    await setup.getByLabel(TEXTS.run.program).getByText('my turn').waitFor();
  }

  async function end({ page }: Visitor): Promise<void> {
    await page.getByRole('button', { name: S.menu, exact: true }).click();
    await page.getByRole('menuitem', { name: S.end }).click();
    const dialog = page.getByRole('dialog', { name: S.endTitle });
    await dialog.getByRole('button', { name: S.endConfirm }).click();
  }
});
