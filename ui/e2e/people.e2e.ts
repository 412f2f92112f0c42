import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { TEXTS } from '../src/lib/texts';
import { joinByLink } from './support/api';
import { look } from './support/look';
import { beside, enter } from './support/people';
import { Peer } from './support/peer';
import { Room } from './support/room';
import { Stage } from './support/stage';
import { until, untilEqual } from './support/until';

const S = TEXTS.session;
const P = TEXTS.people;
const B = TEXTS.beside;

const heading = (page: Page, name: string) => page.getByRole('heading', { name, exact: true });

describe('people', () => {
  const stage = new Stage();

  test('five people: who is here, what they are, and what an interviewer may do about it', async () => {
    const one = await stage.visitor('Grace');
    const grace = await Room.create(one);
    const [candidate, observer] = [await grace.inviteLink('candidate'), await grace.inviteLink('observer')];
    const [two, three] = await Promise.all([stage.visitor('Ada'), stage.visitor('Olga')]);
    const ada = await Room.join(two, candidate);
    await Room.join(three, observer);
    const hostile = ['<img src=x onerror="document.title=1">', '\u202Eevil\u202D'];
    const peers: Peer[] = [];
    for (const name of hostile) {
      const joined = await joinByLink(stage.server, candidate, name.startsWith('<') ? name : 'Eve');
      const peer = await new Peer(stage.server, grace.id, { token: joined.token }).synced();
      const user = {
        id: joined.participant.id,
        name: name + 'x'.repeat(3000),
        color: '"};body{display:none}',
        role: 'candidate',
      };
      peer.provider.awareness.setLocalState({ user, file: 'main', activity: 'dancing' });
      peers.push(peer);
    }
    try {
      const panel = await beside(one.page, 'people');
      await until('five people', async () => (await panel.getByRole('listitem').count()) === 5);
      expect(await panel.locator('img').count()).toBe(0);
      await until('the names of the record', async () => (await panel.innerText()).includes('<img src'));
      expect(await panel.innerText()).toContain('<img src=x onerror="document.title=1"');
      expect(await panel.innerText()).not.toMatch(/[\u202A-\u202E]|xxx/); // only claimed
      expect(await one.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
      await look(one, 'people', { part: B.tabs.people });

      // Out of sight is away, and the others see it.
      await two.page.evaluate(() => {
        Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => 'hidden' });
        document.dispatchEvent(new Event('visibilitychange'));
      });
      await panel.getByText(P.activity.away).waitFor();

      // A role holds at once.
      await panel.getByLabel(P.roleOf('Ada')).selectOption('observer');
      await until('Ada to be a reader', async () =>
        (await two.page.getByRole('contentinfo').innerText()).includes(TEXTS.room.readOnly),
      );
      await panel.getByLabel(P.roleOf('Ada')).selectOption('candidate');
      await two.page.getByText(/Ln \d+/).waitFor();
      await ada.replaceAll('// still here');
      await grace.shows('// still here');

      // Whoever is removed is told so, with what to do next.
      await panel.getByRole('button', { name: P.removeOf('Olga') }).click();
      const dialog = one.page.getByRole('dialog', { name: P.removeTitle('Olga') });
      await dialog.waitFor();
      await until('the harmless button to have the focus', () =>
        dialog.getByRole('button', { name: S.cancel }).evaluate((b) => b === document.activeElement),
      );
      await look(one, 'remove', { phone: false });
      await dialog.getByRole('button', { name: P.removeConfirm }).click();
      await heading(three.page, TEXTS.problems.removed.title).waitFor();
      await one.page.getByText(P.left('Olga')).waitFor();
      await look(three, 'removed');
    } finally {
      for (const peer of peers) peer.leave();
    }
  });

  test('a link can be copied, taken by a camera, and made anew', async () => {
    const one = await stage.visitor('Grace');
    const grace = await Room.create(one);
    const { page } = one;
    const share = page.getByRole('button', { name: TEXTS.room.share });
    await share.click();
    const { label } = TEXTS.share.roles.candidate;
    const dialog = page.getByRole('dialog', { name: TEXTS.share.title });
    await dialog.getByRole('button', { name: TEXTS.share.codeOf(label) }).click();
    await dialog.getByRole('img', { name: TEXTS.share.codeOf(label) }).waitFor();
    await look(one, 'share');
    await dialog.getByRole('button', { name: TEXTS.share.codeOf(label) }).click();
    const field = dialog.getByRole('textbox', { name: label });
    const old = await field.inputValue();
    await dialog.getByRole('button', { name: TEXTS.share.copy(label) }).click();
    await untilEqual('the link in the clipboard', old, () =>
      page.evaluate(() => navigator.clipboard.readText()),
    );
    await dialog.getByRole('button', { name: TEXTS.share.renewOf(label) }).click();
    await dialog.getByRole('button', { name: TEXTS.share.renewConfirm }).click();
    await until('another link', async () => (await field.inputValue()) !== old);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    expect(await share.evaluate((button) => button === document.activeElement)).toBe(true);
    const two = await stage.visitor('Late');
    await two.page.goto(old);
    await heading(two.page, TEXTS.problems.unknownInvite.title).waitFor();
    await look(two, 'wrong-code');
    await enter(two, await grace.inviteLink('candidate'));
    await Room.opened(two);
    two.excuse(/Failed to load resource/);
  });
});
