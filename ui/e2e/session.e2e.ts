import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { TEXTS } from '../src/lib/texts';
import { createSession, joinByLink } from './support/api';
import { networkTrouble, type Visitor } from './support/browser';
import { look } from './support/look';
import { beside, enter, make } from './support/people';
import { Peer } from './support/peer';
import { Room } from './support/room';
import { Stage } from './support/stage';
import { until, untilEqual } from './support/until';

const S = TEXTS.session;
const P = TEXTS.people;
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
    for (const visitor of [one, two]) await visitor.page.getByText(S.ended.status).waitFor();
    await two.page.getByText('three rooms').first().waitFor();
    await two.page.getByRole('tab', { name: 'main.js' }).waitFor();
    expect(await two.page.getByRole('heading', { name: S.ended.notes }).count()).toBe(0);
    expect(await one.page.getByRole('heading', { name: S.ended.notes }).count()).toBe(1);
    await look(two, 'ended');
    const download = two.page.waitForEvent('download');
    await two.page.getByRole('button', { name: S.ended.download }).click();
    expect((await download).suggestedFilename()).toMatch(/^parley-[0-9a-f]{8}\.zip$/);

    // It is among the recent ones, as ended, until it is forgotten.
    await two.page.goto(stage.server.origin);
    const recent = two.page.getByRole('navigation', { name: TEXTS.home.recentHeading });
    await recent.getByText(TEXTS.home.recentStatus.ended).waitFor();
    await look(two, 'home-recent');
    await recent.getByRole('button', { name: TEXTS.home.recentForget('Backend, round 2') }).click();
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
      const joined = await joinByLink(stage.server, candidate, 'Eve');
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
      expect(await panel.innerText()).toContain('<img src=x onerror="document.title=1"');
      expect(await panel.innerText()).not.toMatch(/[\u202A-\u202E]/);
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
      expect(
        await dialog.getByRole('button', { name: S.cancel }).evaluate((b) => b === document.activeElement),
      ).toBe(true);
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
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(old);
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

describe('beside the editor', () => {
  const stage = new Stage();

  test('the problem is written by one and read by all, and is never more than a text', async () => {
    const { one, two } = await meet(stage);
    await one.page.getByRole('button', { name: B.problem.write }).click();
    const field = one.page.getByRole('textbox', { name: B.problem.editor });
    await field.pressSequentially('# Two sums\n\nFind **both**, see [docs](https://docs.example/a).\n\n');
    await heading(two.page, 'Two sums').waitFor();
    await field.press('ControlOrMeta+End');
    await one.page.keyboard.insertText(
      '<img src=x onerror="document.title=1">\n\n![p](https://evil.example/p.png)\n\n[x](javascript:alert(1))',
    );
    const problem = two.page.getByRole('complementary', { name: B.label });
    await problem.getByText('<img src=x').waitFor();
    expect(await problem.locator('img, script, iframe').count()).toBe(0);
    expect(await problem.getByRole('link', { name: 'docs' }).getAttribute('rel')).toContain('noopener');
    expect(await problem.locator('a[href^="javascript"]').count()).toBe(0);
    expect(await two.page.getByRole('textbox', { name: B.problem.editor }).count()).toBe(0);
    await look(one, 'problem-edit', { phone: false });
    await look(two, 'problem', { part: B.tabs.problem });
  });

  test('notes reach interviewers alone: nothing of them is in anything that a candidate gets', async () => {
    const one = await stage.visitor('Grace');
    const grace = await Room.create(one);
    const [candidate, interviewer] = [
      await grace.inviteLink('candidate'),
      await grace.inviteLink('interviewer'),
    ];
    const two = await stage.visitor('Ada');
    const wire = record(two.page);
    const ada = await Room.join(two, candidate);
    const three = await stage.visitor('Barbara');
    await Room.join(three, interviewer);

    const secret = 'slow-at-first-then-brilliant';
    const notes = await beside(one.page, 'notes');
    await notes.getByRole('textbox', { name: B.notes.editor }).pressSequentially(secret);
    await notes.getByText(B.notes.saved, { exact: true }).waitFor();
    const theirs = (await beside(three.page, 'notes')).getByRole('textbox', { name: B.notes.editor });
    await untilEqual('the notes at the other interviewer', secret, () => theirs.inputValue());
    await look(one, 'notes', { part: B.tabs.notes });

    // What comes after the notes has come: so the notes would have, too.
    await grace.replaceAll('// the last word');
    await ada.shows('// the last word');
    await two.page.reload();
    await ada.opened();
    const got = (await wire.end()).join('\n');
    expect(got).toContain('the last word');
    for (const part of [secret, 'slow-at', 'brilliant', '/notes']) expect(got).not.toContain(part);
  });

  test('the timer shows the same to all, however wrong their clocks are', async () => {
    const { one, two } = await meet(stage, async (late) => {
      // This machine thinks that it is an hour and a half ago.
      await late.page.addInitScript(() => {
        const real = Date.now;
        Date.now = () => real() - 5_400_000;
      });
    });
    await one.page.getByRole('button', { name: B.timer.none }).click();
    await look(one, 'timer', { phone: false });
    await one.page
      .getByRole('dialog')
      .getByRole('button', { name: B.timer.minutes(15) })
      .click();
    const face = (page: Page) => page.getByTestId('timer');
    const seconds = async (page: Page) => {
      const [m = 0, s = 0] = (await face(page).innerText()).split(':').map(Number);
      return m * 60 + s;
    };
    await face(two.page).waitFor();
    await until('the timer to have moved', async () => (await seconds(two.page)) < 15 * 60);
    const [here, there] = await Promise.all([seconds(one.page), seconds(two.page)]);
    expect(Math.abs(here - there)).toBeLessThanOrEqual(2);
    expect(there).toBeGreaterThan(14 * 60);

    await one.page.getByRole('button', { name: new RegExp(B.timer.label) }).click();
    await one.page.getByRole('button', { name: B.timer.pause }).click();
    await two.page.getByText(new RegExp(`, ${B.timer.paused}`)).waitFor({ state: 'attached' });
    const [a, b] = await Promise.all([seconds(one.page), seconds(two.page)]);
    expect(a).toBe(b);
    await one.page.getByRole('button', { name: B.timer.remove }).click();
    await face(two.page).waitFor({ state: 'hidden' });
  });
});

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
    await heading(page, TEXTS.home.title).waitFor();
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
    await server.kill();
    await visitor.page.getByLabel(TEXTS.home.joinLabel).fill(invites.candidate);
    await visitor.page.getByRole('button', { name: TEXTS.home.join, exact: true }).click();
    await heading(visitor.page, TEXTS.problems.serverAway.title).waitFor();
    await look(visitor, 'server-away');
    await server.up();
    await visitor.page.getByRole('button', { name: TEXTS.problems.retry }).click();
    await visitor.page.getByLabel(TEXTS.lobby.nameLabel).waitFor();
    visitor.excuse(networkTrouble);
  });
});

describe('without a mouse', () => {
  const stage = new Stage();

  test('one joins, runs, invites and leads by keyboard, and the focus is never lost', async () => {
    const visitor = await stage.visitor('Ada');
    const { page } = visitor;
    await page.goto(stage.server.origin);
    await tabTo(page, TEXTS.home.nameLabel);
    await page.keyboard.type('Ada');
    await page.keyboard.press('Enter');
    const ada = await Room.opened(visitor);
    await ada.replaceAll('console.log("by keyboard");');
    await page.keyboard.press('ControlOrMeta+Enter');
    await ada.outputHas('by keyboard');
    await page.getByRole('tab', { name: B.tabs.problem }).focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.getByRole('heading', { name: P.here }).waitFor();
    await tabTo(page, TEXTS.room.share, 'Shift+Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: TEXTS.share.title }).waitFor();
    await page.keyboard.press('Escape');
    await untilEqual('the focus', TEXTS.room.share, () => focused(page));
    await tabTo(page, S.menu);
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: S.end }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: S.endTitle }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog', { name: S.endTitle }).waitFor({ state: 'hidden' });
    await until('the focus to be somewhere', async () => (await focused(page)) !== '');
  });

  /** The name of what has the focus; "" when nothing has. */
  function focused(page: Page): Promise<string> {
    return page.evaluate(() => {
      const at = document.activeElement as HTMLElement | null;
      if (!at || at === document.body) return '';
      const labels = (at as HTMLInputElement).labels;
      return at.getAttribute('aria-label') ?? labels?.[0]?.textContent ?? at.textContent ?? '';
    });
  }

  /** Presses Tab until what is called so has the focus. Everything on the way must show that it has it. */
  async function tabTo(page: Page, name: string, key = 'Tab'): Promise<void> {
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press(key);
      if ((await focused(page)).startsWith(name)) return;
    }
    throw new Error(`Tab does not lead to ${name}`);
  }
});

/** Grace creates a session and Ada joins as candidate. */
async function meet(stage: Stage, prepare?: (ada: Visitor) => Promise<void>) {
  const [one, two] = await Promise.all([stage.visitor('Grace'), stage.visitor('Ada')]);
  await prepare?.(two);
  const grace = await Room.create(one);
  const ada = await Room.join(two, await grace.inviteLink('candidate'));
  return { one, two, grace, ada };
}

/** Records everything that a page is sent: frames of its websockets, and the bodies of its requests to the API. */
function record(page: Page) {
  const got: string[] = [];
  const bodies: Promise<void>[] = [];
  page.on('websocket', (socket) => {
    got.push(new URL(socket.url()).pathname);
    socket.on('framereceived', ({ payload }) => got.push(payload.toString()));
  });
  page.on('response', (response) => {
    if (!response.url().includes('/api/')) return;
    bodies.push(
      response.text().then(
        (text) => void got.push(text),
        () => undefined,
      ),
    );
  });
  return {
    end: async () => {
      await Promise.all(bodies);
      return got;
    },
  };
}
