import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { TEXTS } from '../src/lib/texts';
import { home } from '../src/lib/texts/home';
import { call } from '../src/lib/texts/call';
import { interviews as T } from '../src/lib/texts/interviews';
import { invitation } from '../src/lib/texts/invitation';
import { prefilled } from '../src/lib/texts/prefilled';
import { look } from './support/look';
import { make } from './support/people';
import { endInterview } from './support/replay-page';
import { Room } from './support/room';
import { Stage } from './support/stage';
import { until } from './support/until';

const CALL = 'https://meet.example/abc-def';

describe('my interviews, without sign-in', () => {
  const stage = new Stage();

  test('two interviews are found, opened, downloaded, held and deleted', async () => {
    const ada = await stage.visitor('Ada');
    const { page } = ada;
    const backend = await Room.create(ada, 'JavaScript', 'Backend, round 2');
    const { id } = backend;
    await endInterview(backend);
    await make(ada, { title: 'Frontend, round 1', entry: 'start' });
    await page.goto(ada.origin);
    await page.getByRole('link', { name: home.interviews }).click();
    const rows = page.getByRole('region', { name: T.title }).getByRole('listitem');
    await until('both to be listed', async () => (await rows.count()) === 2);
    const heldItem = page.getByRole('menuitem', { name: T.hold, exact: true });
    const menu = (title: string) => page.getByRole('button', { name: T.actionsOf(title) });
    await until('the archive to have the one that has ended', async () => {
      await page.reload();
      await menu('Backend, round 2').click();
      return (await heldItem.count()) === 1;
    });
    await page.keyboard.press('Escape');
    await look(ada, 'my-interviews');

    const filter = (name: string) => page.getByRole('button', { name, exact: true });
    await filter(T.filter.prepared).click();
    await until('what is prepared alone', async () => (await rows.count()) === 1);
    expect(await rows.first().innerText()).toContain('Frontend');
    await filter(T.filter.live).click();
    await page.getByText(T.empty.live.title).waitFor();
    await look(ada, 'my-interviews-empty');
    await filter(T.filter.all).click();
    await page.getByRole('heading', { name: T.title }).focus();
    await page.keyboard.press('/');
    await page.keyboard.type('backEND ada');
    await until('what is searched for', async () => (await rows.count()) === 1);

    await menu('Backend, round 2').click();
    const saved = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: T.download }).click();
    const zip = await saved;
    expect(zip.suggestedFilename()).toBe(`parley-${id}.zip`);
    expect((await readFile(await zip.path())).subarray(0, 2).toString()).toBe('PK');

    await menu('Backend, round 2').click();
    await heldItem.click();
    await page.getByText(T.held('Backend, round 2')).waitFor();
    await menu('Backend, round 2').click();
    expect(await page.getByRole('menuitem', { name: T.remove }).isDisabled()).toBe(true);
    await page.getByRole('menuitem', { name: T.release }).click();
    await page.getByText(T.released('Backend, round 2')).waitFor();
    await menu('Backend, round 2').click();
    await page.getByRole('menuitem', { name: T.remove }).click();
    await page.getByText(T.confirmLead.ended).waitFor();
    await ada.screenshot('my-interviews-delete');
    await page.getByRole('button', { name: T.confirm }).click();
    await page.getByText(T.deleted('Backend, round 2')).waitFor();
    expect((await fetch(`${ada.origin}/api/v1/archive/${id}`)).status).not.toBe(200);
    // The button that opened the dialog is gone.
    const title = page.getByRole('heading', { name: T.title });
    await until('the title to have the focus', () => title.evaluate((h1) => h1 === document.activeElement));

    await page.getByLabel(T.searchLabel).fill('');
    await page.getByRole('button', { name: T.openOf('Frontend, round 1') }).click();
    await page.waitForURL(/\/s\/[0-9a-f]{8}$/);
    // The archive may not have had the interview when the list asked.
    ada.excuse(/status of 404/);
  });

  test('a link fills the form; the room has the call and an invitation', async () => {
    const ada = await stage.visitor('Ada');
    const { page } = ada;
    const asked = new URLSearchParams({
      title: 'From the ATS',
      external_id: 'cand-7',
      call_url: CALL,
      question: 'no',
    });
    await page.goto(`${ada.origin}/new?${asked}`);
    await page.getByText(prefilled.lead).waitFor();
    await page.getByText(prefilled.externalId('cand-7')).waitFor();
    await page.getByText(prefilled.unknown.question('no')).waitFor();
    expect(await page.getByLabel(home.titleLabel, { exact: true }).inputValue()).toBe('From the ATS');
    await look(ada, 'new-prefilled');
    await page.getByLabel(home.nameLabel).fill('Ada');
    await page.getByRole('button', { name: home.create }).click();
    const room = await Room.opened(ada);
    const join = page.getByRole('link', { name: call.join });
    expect(await join.getAttribute('href')).toBe(CALL);
    expect(await join.getAttribute('rel')).toBe('noopener noreferrer');

    await page.getByRole('button', { name: TEXTS.room.share }).click();
    const part = page.getByRole('region', { name: invitation.heading });
    await part.getByLabel(invitation.whenLabel).fill('2026-12-01T10:00');
    await part.getByRole('button', { name: invitation.copy }).click();
    await part.getByRole('button', { name: invitation.copied }).waitFor();
    const text = await page.evaluate(() => navigator.clipboard.readText());
    expect(text).toContain('From the ATS');
    expect(text).toContain(CALL);
    expect(text).toMatch(/\/j\/[0-9a-z-]{14}/);
    await ada.screenshot('invitation');
    const saved = page.waitForEvent('download');
    await part.getByRole('button', { name: invitation.calendar }).click();
    const ics = (await readFile(await (await saved).path())).toString();
    expect(ics).toMatch(/^BEGIN:VCALENDAR\r\n/);
    expect(ics).toContain('SUMMARY:From the ATS');
    await room.press('Escape');
    // The question of the link is not there.
    ada.excuse(/status of 404/);
  });
});
