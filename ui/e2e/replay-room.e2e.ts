import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { TEXTS } from '../src/lib/texts';
import { ended } from '../src/lib/texts/ended';
import { home } from '../src/lib/texts/home';
import { kept } from '../src/lib/texts/kept';
import { quiet } from '../src/lib/texts/quiet';
import { replay as T } from '../src/lib/texts/replay';
import { replayErrors } from '../src/lib/texts/replay-errors';
import { replayShare } from '../src/lib/texts/replay-share';
import { zipOf } from '../src/replay/recorded-zip';
import { Zip } from '../src/replay/zip';
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
  await visitor.page.getByLabel(home.nameLabel).fill('Ada');
  await visitor.page.getByRole('switch', { name: kept.replayLabel }).check({ force: true });
  await visitor.page.getByRole('button', { name: home.create }).click();
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
    await bob.page.getByText(ended.status).waitFor();
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

describe('what is kept', () => {
  it.each([
    ['all', false],
    ['all', true],
    ['edits', false],
    ['nothing', false],
  ] as const)('is said before joining: record %s, replay for all %s', async (record, all) => {
    const visitor = await stage.visitor('Ada');
    const { page } = visitor;
    await page.goto(visitor.origin);
    await page.getByLabel(home.nameLabel).fill('Ada');
    await page.getByLabel(kept.recordLabel).selectOption(record);
    const forAll = page.getByRole('switch', { name: kept.replayLabel });
    expect(await forAll.count()).toBe(record === 'nothing' ? 0 : 1);
    if (all) await forAll.check({ force: true });
    if (all) await look(visitor, 'replay-create');
    await page.getByRole('button', { name: home.create }).click();
    const link = await (await Room.opened(visitor)).inviteLink('candidate');
    const guest = await stage.visitor('Bob');
    await guest.page.goto(link);
    const lines = guest.page.getByRole('region', { name: kept.heading }).getByRole('listitem');
    await lines.first().waitFor();
    const said = await lines.allInnerTexts();
    expect(said).toHaveLength(3);
    expect(said[0]).toBe(kept.lines[record]);
    expect(said[1]).toMatch(/^It is archived at the end and deleted for good 30 days later\. /);
    expect(said[2]).toBe(kept.who[record === 'nothing' ? 'nobody' : all ? 'all' : 'interviewers']);
    if (all) await look(guest, 'replay-invite');
  });
});

describe('a replay link', () => {
  it('expires, shows private parts when it says so, and waits for the end', async () => {
    const { ada, bob } = await two();
    await bob.replaceAll('const a = 1;\n');
    await bob.saved();
    const token = await ada.page.evaluate(
      (id) => (JSON.parse(localStorage.getItem(`parley:session:${id}`) ?? '{}') as { token: string }).token,
      ada.id,
    );
    const linkFor = async (body: object) => {
      const answer = await fetch(`${stage.server.origin}/api/v1/sessions/${ada.id}/invites/replay`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return ((await answer.json()) as { url: string }).url;
    };
    await fromMenu(ada.page, TEXTS.session.mark);
    await ada.page.getByRole('button', { name: quiet.markSave }).click();
    await ada.page.getByRole('dialog').waitFor({ state: 'hidden' });
    const guest = await stage.visitor('Guest');
    await guest.page.goto(await linkFor({}));
    await guest.page.getByText(T.link.notEndedTitle).waitFor();
    await look(guest, 'replay-not-ended');
    await endInterview(ada);
    await guest.page.goto(await linkFor({ expires_in: 1 }));
    await until('the link to be over its time', async () => {
      if ((await guest.page.getByText(T.link.expiredTitle).count()) > 0) return true;
      await guest.page.reload({ waitUntil: 'networkidle' });
      return false;
    });
    await look(guest, 'replay-expired');
    await ada.page.getByRole('button', { name: replayShare.share }).click();
    const dialog = ada.page.getByRole('dialog', { name: replayShare.title });
    const moments = async (hidden: boolean) => {
      await dialog.getByLabel(replayShare.expiryLabel).selectOption({ label: replayShare.expiries.day });
      await dialog.getByRole('switch', { name: replayShare.private }).setChecked(hidden, { force: true });
      const field = dialog.getByRole('textbox', { name: replayShare.link });
      const before = (await field.count()) > 0 ? await field.inputValue() : '';
      await dialog.getByRole('button', { name: replayShare.make }).click();
      await until('another link', async () => (await field.inputValue()) !== before);
      await guest.page.goto(await field.inputValue());
      return (await new ReplayPage(guest).opened()).moments();
    };
    expect((await moments(false)).some((one) => one.includes('Mark by'))).toBe(false);
    expect((await moments(true)).filter((one) => one.includes('Mark by'))).toHaveLength(1);
    await look(ada.visitor, 'replay-share', { phone: false });
    await dialog.getByRole('button', { name: replayShare.revoke }).click();
    await ada.page.getByText(replayShare.revoked).waitFor();
    await guest.page.reload();
    await guest.page.getByText(T.link.unknownTitle).waitFor();
    guest.excuse(/status of 4(0[0-9]|10)/);
  });
});

describe('the zip of a session', () => {
  it('replays on this device, and not when a byte of it was changed', async () => {
    const { ada, bob } = await two();
    await bob.replaceAll('const a = 1;\n');
    await bob.type('b');
    await bob.saved();
    await endInterview(ada);
    const [download] = await Promise.all([
      ada.page.waitForEvent('download'),
      ada.page.getByRole('button', { name: ended.download }).click(),
    ]);
    const file = await download.path();
    const guest = await stage.visitor('Guest');
    const replay = await ReplayPage.drop(guest, file);
    await replay.key('End');
    await until('the end of the code', async () => (await replay.text()) === 'const a = 1;\nb');
    await look(guest, 'replay-own-zip');
    const forged = join(tmpdir(), `parley-forged-${process.pid}.zip`);
    await writeFile(forged, await forge(await readFile(file)));
    await guest.page.goto(`${guest.origin}/replay`);
    await guest.page.locator('input[type=file]').setInputFiles(forged);
    const alert = guest.page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.innerText()).toBe(replayErrors.changed('timeline.jsonl'));
    await look(guest, 'replay-forged');
  });
});

/** One byte of the timeline is another, and all sums of the zip fit. */
async function forge(bytes: Buffer): Promise<Buffer> {
  const zip = await Zip.open(new Blob([new Uint8Array(bytes)]));
  const packed: { name: string; data: Uint8Array }[] = [];
  for (const file of zip.files.values()) packed.push({ name: file.name, data: await zip.read(file) });
  const data = packed.find(({ name }) => name === 'timeline.jsonl')?.data;
  if (!data) throw new Error('the zip has no timeline');
  data[0] = (data[0] ?? 0) ^ 1;
  return Buffer.from(await zipOf(packed).arrayBuffer());
}
