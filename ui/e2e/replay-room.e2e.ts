import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { TEXTS } from '../src/lib/texts';
import { kept } from '../src/lib/texts/kept';
import { quiet } from '../src/lib/texts/quiet';
import { replayShare } from '../src/lib/texts/replay-share';
import type { Visitor } from './support/browser';
import { look } from './support/look';
import { ReplayPage, endInterview } from './support/replay-page';
import { Room } from './support/room';
import { Stage } from './support/stage';
import { until } from './support/until';

const stage = new Stage();

/** Makes a session that candidates may replay too, and lets a candidate in. */
async function two(): Promise<{ ada: Room; bob: Room }> {
  const visitor = await stage.visitor('Ada');
  await visitor.page.goto(visitor.origin);
  await visitor.page.getByLabel(TEXTS.home.nameLabel).fill('Ada');
  await visitor.page.getByRole('switch', { name: kept.replayLabel }).check({ force: true });
  await visitor.page.getByRole('button', { name: TEXTS.home.create }).click();
  const ada = await Room.opened(visitor);
  const bob = await Room.join(await stage.visitor('Bob'), await ada.inviteLink('candidate'));
  return { ada, bob };
}

async function fromMenu(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: TEXTS.session.menu, exact: true }).click();
  await page.getByRole('menuitem', { name }).click();
}

describe('marks', () => {
  it('are set by key and menu, and shown to interviewers alone', async () => {
    const { ada, bob } = await two();
    await bob.replaceAll('const a = 1;\n');
    await bob.saved();
    await ada.focus();
    await ada.press('Control+Alt+m');
    const dialog = ada.page.getByRole('dialog', { name: quiet.markTitle });
    await dialog.waitFor();
    await look(ada.visitor, 'replay-mark', { phone: false });
    await ada.type('ask why');
    await ada.press('Enter');
    await dialog.waitFor({ state: 'hidden' });
    await fromMenu(ada.page, TEXTS.session.mark);
    await dialog.waitFor();
    await dialog.getByRole('button', { name: quiet.markSave }).click();
    await dialog.waitFor({ state: 'hidden' });
    await bob.focus();
    await bob.press('Control+Alt+m');
    await endInterview(ada);
    await bob.page.getByText(TEXTS.session.ended.status).waitFor();
    expect(await bob.page.getByRole('dialog').count()).toBe(0);
    const marks = async (room: Room) =>
      (await (await ReplayPage.from(room)).moments()).filter((one) => one.includes('Mark by'));
    const seen = await marks(ada);
    expect(seen).toHaveLength(2);
    expect(seen[0]).toMatch(/Mark by Ada: ask why$/);
    expect(seen[1]).toMatch(/Mark by Ada$/);
    expect(await marks(bob)).toEqual([]);
    expect(await bob.page.getByRole('button', { name: replayShare.share }).count()).toBe(0);
  });
});

describe('quiet time', () => {
  const left = ({ page }: Visitor) => page.getByRole('timer');

  it('is told at once, hides the typing, counts down, and ends when somebody says so', async () => {
    const { ada, bob } = await two();
    await bob.replaceAll('before');
    await ada.shows('before');
    await fromMenu(bob.page, TEXTS.session.quiet);
    await bob.page.getByText(quiet.own).waitFor();
    // Far less than the page waits before it asks by itself.
    await ada.page.getByText(quiet.others).waitFor({ timeout: 10_000 });
    const first = await left(ada.visitor).innerText();
    expect(first).toMatch(/^(5:00|4:\d\d)$/);
    await until('the time to go down', async () => (await left(ada.visitor).innerText()) < first);
    await bob.focus();
    await bob.press('ControlOrMeta+End');
    await bob.type(' hidden');
    await bob.saved();
    await ada.focus();
    await ada.press('ControlOrMeta+Home');
    await ada.type('// seen');
    await ada.press('Enter');
    await bob.shows('// seen\nbefore hidden');
    expect(await ada.text()).toBe('// seen\nbefore');
    await look(ada.visitor, 'replay-quiet');
    await look(bob.visitor, 'replay-quiet-own');
    await ada.page.getByRole('button', { name: quiet.end }).click();
    await ada.shows('// seen\nbefore hidden');
    await bob.page.getByText(quiet.own).waitFor({ state: 'hidden', timeout: 10_000 });
    expect(await left(bob.visitor).count()).toBe(0);
  });
});
