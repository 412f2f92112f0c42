import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { ended } from '../src/lib/texts/ended';
import { replay } from '../src/lib/texts/replay';
import { scorecards as T } from '../src/lib/texts/scorecards';
import { networkTrouble, type Visitor } from './support/browser';
import { look } from './support/look';
import { endInterview, ReplayPage } from './support/replay-page';
import { Room } from './support/room';
import type { Server } from './support/server';
import { Stage } from './support/stage';
import { until } from './support/until';

const stage = new Stage();

const SECRET = 'judgedword';
const GOOD_CODE = /Works, reads well/;

/** The scorecard of one person, on the page after the end or beside a replay. */
class Card {
  constructor(readonly page: Page) {}

  get saving(): Locator {
    return this.page.getByTestId('scorecard-saving');
  }

  async saved(): Promise<void> {
    await until('the scorecard to be saved', async () => (await this.saving.innerText()) === T.states.saved);
  }

  level(words: RegExp): Locator {
    return this.page.getByRole('radio', { name: words });
  }

  evidence(criterion: string): Locator {
    return this.page.getByLabel(T.evidence(criterion));
  }

  get words(): Locator {
    return this.page.getByLabel(T.words, { exact: true });
  }

  async decide(decision: keyof typeof T.decisions): Promise<void> {
    await this.page.getByText(T.decisions[decision], { exact: true }).first().click();
  }

  async submit(): Promise<void> {
    await this.page.getByRole('button', { name: T.submit, exact: true }).click();
    const dialog = this.page.getByRole('dialog', { name: T.confirmTitle });
    await dialog.getByRole('button', { name: T.submit, exact: true }).click();
    await this.page.getByRole('button', { name: T.submit, exact: true }).waitFor({ state: 'detached' });
  }

  shown(name: string): Locator {
    return this.page.getByRole('article', { name });
  }
}

/** Gathers everything that a browser is sent. An answer that a reload cuts off has no body. */
function wire({ page }: Visitor): () => string {
  const parts: string[] = [];
  page.on('response', (answer) => {
    answer.text().then(
      (text) => parts.push(text),
      () => undefined,
    );
  });
  page.on('websocket', (socket) =>
    socket.on('framereceived', ({ payload }) => parts.push(payload.toString())),
  );
  return () => parts.join('\n');
}

async function statusOf({ page }: Room, path: string): Promise<number> {
  return page.evaluate(async (at) => {
    const id = location.pathname.slice('/s/'.length);
    const key = Object.keys(localStorage).find((one) => one.endsWith(id)) ?? '';
    const { token } = JSON.parse(localStorage.getItem(key) ?? '{}') as { token?: string };
    const answer = await fetch(`/api/v1/sessions/${id}${at}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    return answer.status;
  }, path);
}

async function led(server?: Server): Promise<{ ada: Room; card: Card }> {
  const ada = await Room.create(await stage.visitor('Ada', server));
  await ada.replaceAll('const a = 1;\n');
  await ada.saved();
  await endInterview(ada);
  const card = new Card(ada.page);
  await card.words.waitFor();
  return { ada, card };
}

describe('scorecards', () => {
  it('are written by each interviewer, hidden until submitted, and lead into the replay', async () => {
    const ada = await Room.create(await stage.visitor('Ada'));
    const grace = await Room.join(await stage.visitor('Grace'), await ada.inviteLink('interviewer'));
    const bob = await Room.join(await stage.visitor('Bob'), await ada.inviteLink('candidate'));
    const seenByBob = wire(bob.visitor);
    await bob.replaceAll('const a = 1;\nconst b = 2;\n');
    await bob.saved();
    await endInterview(ada);
    for (const room of [grace, bob]) await room.page.getByText(ended.status).waitFor();

    const own = new Card(ada.page);
    await own.level(GOOD_CODE).check({ force: true });
    await own.evidence('Code').fill(`${SECRET} evidence of Ada`);
    await own.decide('yes');
    await own.words.fill(`${SECRET} words of Ada`);
    await own.saved();
    await look(ada.visitor, 'scorecard-ended');

    const player = await ReplayPage.from(ada);
    await ada.page.getByRole('tab', { name: T.title }).click();
    expect(await own.evidence('Code').inputValue()).toBe(`${SECRET} evidence of Ada`);
    await player.key('End');
    const end = await player.clock();
    await ada.page.getByRole('button', { name: T.linkFor('Code') }).click();
    await ada.page.getByLabel(T.commentLabel).fill(`${SECRET} comment of Ada`);
    await ada.page.getByLabel(T.commentLabel).press('Control+Enter');
    await ada.page.getByText(`${SECRET} comment of Ada`).waitFor();
    await own.saved();
    await player.key('Home');
    expect(await player.clock()).not.toBe(end);
    await ada.page
      .getByRole('group', { name: 'Code' })
      .getByRole('button', { name: /^Go to/ })
      .click();
    expect(await player.clock()).toBe(end);
    await look(ada.visitor, 'scorecard-replay', { phone: false });

    await ada.page.reload();
    await ada.page.getByRole('button', { name: replay.back }).or(own.words).first().waitFor();
    await own.words.waitFor();
    expect(await own.words.inputValue()).toBe(`${SECRET} words of Ada`);
    expect(await own.level(GOOD_CODE).isChecked()).toBe(true);

    const other = new Card(grace.page);
    await grace.page.reload();
    await grace.page.getByText(`Ada ${T.people.draft}`).waitFor();
    await other.words.fill(`${SECRET} words of Grace`);
    await other.decide('strong_no');
    await other.saved();
    await other.submit();
    await other.shown('Grace').waitFor();
    // The draft of another stays hidden; a comment is said to all who have submitted.
    await grace.page.getByText(`${SECRET} comment of Ada`).waitFor();
    expect((await grace.page.content()).includes('words of Ada')).toBe(false);
    await ada.page.reload();
    await ada.page.getByText(`Grace ${T.people.submitted}`).waitFor();
    expect((await ada.page.content()).includes('of Grace')).toBe(false);
    await own.submit();
    await own.shown('Grace').getByText(`${SECRET} words of Grace`).waitFor();
    await own.shown('Grace').getByText(T.decisions.strong_no).waitFor();
    await grace.page.reload();
    await other.shown('Ada').getByText(`${SECRET} evidence of Ada`).waitFor();
    await grace.page.getByText(`${SECRET} comment of Ada`).waitFor();
    await look(grace.visitor, 'scorecard-others');
    await other
      .shown('Ada')
      .getByRole('button', { name: /^Go to/ })
      .click();
    await new ReplayPage(grace.visitor).opened();

    await bob.page.reload();
    await bob.page.getByText(ended.status).waitFor();
    expect(await statusOf(bob, '/scorecards')).toBe(403);
    bob.visitor.excuse(/status of 403/);
    expect(await bob.page.getByText(T.title).count()).toBe(0);
    await until('the page of the candidate to have come', () =>
      Promise.resolve(seenByBob().includes('"status":"ended"')),
    );
    const sent = seenByBob();
    expect(sent.includes('const b = 2')).toBe(true);
    expect(sent.includes(SECRET)).toBe(false);
  });

  it('lose nothing when the server is killed in the middle of writing', async () => {
    const server = await stage.ownServer();
    const { ada, card } = await led(server);
    await card.words.fill('before the fall');
    await card.saved();
    await card.words.fill('before the fall, and while it lasts');
    await server.kill();
    await card.evidence('Approach').fill('written without a server');
    await ada.page.getByText(T.unsaved(T.why.away)).waitFor();
    await server.up();
    await card.saved();
    await ada.page.reload();
    await card.words.waitFor();
    expect(await card.words.inputValue()).toBe('before the fall, and while it lasts');
    expect(await card.evidence('Approach').inputValue()).toBe('written without a server');
    ada.visitor.excuse(networkTrouble);
  });

  it('keep what was not saved over a reload', async () => {
    const { ada, card } = await led();
    ada.page.on('dialog', (dialog) => void dialog.accept());
    await ada.page.route('**/scorecards/me', (route) => route.abort());
    await card.words.fill('not saved yet');
    await ada.page.getByText(T.unsaved(T.why.away)).waitFor();
    await ada.page.unroute('**/scorecards/me');
    await ada.page.reload();
    await card.words.waitFor();
    await card.saved();
    expect(await card.words.inputValue()).toBe('not saved yet');
    ada.visitor.excuse(/ERR_FAILED/, networkTrouble);
  });

  it('are not overwritten by another tab', async () => {
    const { ada, card } = await led();
    const tab = await ada.visitor.secondTab();
    await tab.page.goto(ada.page.url());
    const second = new Card(tab.page);
    await second.words.fill('of the second tab');
    await second.saved();
    await card.words.fill('of the first tab');
    await ada.page.getByText(T.conflict).waitFor();
    await look(ada.visitor, 'scorecard-conflict', { phone: false });
    await ada.page.getByRole('button', { name: T.keepMine }).click();
    await card.saved();
    await second.decide('no');
    await tab.page.getByText(T.conflict).waitFor();
    await tab.page.getByRole('button', { name: T.takeTheirs }).click();
    await second.saved();
    expect(await second.words.inputValue()).toBe('of the first tab');
    for (const visitor of [ada.visitor, tab]) visitor.excuse(/status of 409/);
  });
});
