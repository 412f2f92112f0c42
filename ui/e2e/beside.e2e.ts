import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { TEXTS } from '../src/lib/texts';
import { type Visitor } from './support/browser';
import { look } from './support/look';
import { beside } from './support/people';
import { Room } from './support/room';
import { Stage } from './support/stage';
import { until, untilEqual } from './support/until';

const P = TEXTS.people;
const B = TEXTS.beside;

const heading = (page: Page, name: string) => page.getByRole('heading', { name, exact: true });

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

    // Who is here does not go by their clocks either.
    const sees = (page: Page, name: string, role: 'candidate' | 'interviewer') =>
      page.getByRole('listitem', { name: P.describedAs(name, P.roles[role], P.activity.active) }).waitFor();
    await Promise.all([sees(one.page, 'Ada', 'candidate'), sees(two.page, 'Grace', 'interviewer')]);

    await one.page.getByRole('button', { name: new RegExp(B.timer.label) }).click();
    await one.page.getByRole('button', { name: B.timer.pause }).click();
    await two.page.getByText(new RegExp(`, ${B.timer.paused}`)).waitFor({ state: 'attached' });
    const [a, b] = await Promise.all([seconds(one.page), seconds(two.page)]);
    expect(a).toBe(b);
    await one.page.getByRole('button', { name: B.timer.remove }).click();
    await face(two.page).waitFor({ state: 'hidden' });
  });
});

/** Grace creates a session and Ada joins as candidate. */
async function meet(stage: Stage, prepare?: (ada: Visitor) => Promise<void>) {
  const [one, two] = await Promise.all([stage.visitor('Grace'), stage.visitor('Ada')]);
  await prepare?.(two);
  const grace = await Room.create(one);
  const ada = await Room.join(two, await grace.inviteLink('candidate'));
  return { one, two, grace, ada };
}

/**
 * Records everything that a page is sent: frames of its websockets, and the bodies of its requests
 * to the API.
 */
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
