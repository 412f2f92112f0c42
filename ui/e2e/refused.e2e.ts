import { describe, expect, test } from 'vitest';
import { TEXTS } from '../src/lib/texts';
import { ended } from '../src/lib/texts/ended';
import { codeOf, createSession, patch, type Created } from './support/api';
import { networkTrouble } from './support/browser';
import { look } from './support/look';
import { beside } from './support/people';
import { Room } from './support/room';
import { Stage } from './support/stage';
import { until, untilEqual } from './support/until';

const T = TEXTS.connection;

describe('what the server does not take', () => {
  const stage = new Stage();

  /** Ada writes as a candidate, Grace leads. */
  async function meet(code: string) {
    const session = await createSession(stage.server, { code });
    const [one, two] = await Promise.all([stage.visitor('Grace'), stage.visitor('Ada')]);
    const [grace, ada] = await Promise.all([
      Room.join(one, session.invites.interviewer),
      Room.join(two, session.invites.candidate),
    ]);
    return { session, one, two, grace, ada };
  }

  const end = ({ id, token }: Created) => patch(stage.server, `/sessions/${id}`, token, { status: 'ended' });

  test('typed offline and the role is gone: one sees what all see, and keeps one’s words', async () => {
    const { session, two, grace, ada } = await meet('start\n');
    await two.context.setOffline(true);
    await ada.offline();
    await ada.focus();
    await ada.press('ControlOrMeta+End');
    await ada.type('mine, typed too late');
    await grace.focus();
    await grace.press('ControlOrMeta+Home');
    await grace.type('hers ');
    const me = await participantOf(ada);
    await patch(stage.server, `/sessions/${session.id}/participants/${me}`, session.token, {
      role: 'observer',
    });
    await two.context.setOffline(false);
    await ada.page.getByText(T.refusedWords['read only']).waitFor();
    await ada.shows('hers start\n');
    await untilEqual('the words', 'mine, typed too late', () => lostWords(ada));
    await look(two, 'refused');
    await ada.page.getByRole('button', { name: T.refusedCopy }).click();
    await ada.page.getByRole('button', { name: T.refusedCopied }).waitFor();
    expect(await ada.page.evaluate(() => navigator.clipboard.readText())).toBe('mine, typed too late');

    // Back in the old role, nothing of it comes back by itself, and one writes again.
    await patch(stage.server, `/sessions/${session.id}/participants/${me}`, session.token, {
      role: 'candidate',
    });
    await ada.page.getByText(/Ln \d+/).waitFor();
    await ada.page.getByRole('button', { name: T.refusedDismiss }).click();
    await ada.page.getByText(T.refusedWords['read only']).waitFor({ state: 'hidden' });
    expect(await ada.page.evaluate(() => document.activeElement?.tagName)).not.toBe('BODY');
    await ada.focus();
    await ada.press('ControlOrMeta+End');
    await ada.type('again');
    await grace.shows('hers start\nagain');
    expect(await codeOf(stage.server, session.id, session.token)).toBe('hers start\nagain');
    two.excuse(networkTrouble);
  });

  test('typed while the role is taken away: each letter is either with all or kept, none is nowhere', async () => {
    const { session, two, grace, ada } = await meet('-');
    const me = await participantOf(ada);
    await ada.focus();
    await ada.press('ControlOrMeta+End');
    const letters = 'abcdefghijklmnopqrstuvwxyz'.repeat(4);
    const typing = (async () => {
      for (const letter of letters) await ada.type(letter);
    })();
    await grace.page.waitForFunction(
      () => (document.querySelector('.view-lines')?.textContent ?? '').length > 20,
    );
    await patch(stage.server, `/sessions/${session.id}/participants/${me}`, session.token, {
      role: 'observer',
    });
    await typing;
    await ada.saved();
    await until('Ada to be a reader', async () =>
      (await two.page.getByRole('contentinfo').innerText()).includes(TEXTS.room.readOnly),
    );
    const shared = await grace.text();
    await ada.shows(shared);
    expect(await codeOf(stage.server, session.id, session.token)).toBe(shared);
    const refused =
      (await ada.page.getByText(T.refusedWords['read only']).count()) > 0 ? await lostWords(ada) : '';
    // What was typed after the editor had been closed to her was never taken as typed.
    expect(letters.startsWith(shared.slice(1) + refused)).toBe(true);
  });

  test('typed offline and the interview ended: code and notes are what was stored, the words are kept', async () => {
    const { session, one, grace, ada } = await meet('start');
    const notes = await beside(one.page, 'notes');
    await notes.getByRole('textbox').waitFor();
    await one.context.setOffline(true);
    await grace.offline();
    await notes.getByRole('textbox').fill('a note that came too late');
    await grace.focus();
    await grace.press('ControlOrMeta+End');
    await grace.type(' and more');
    await end(session);
    await ada.page.getByText(ended.status).waitFor();
    await one.context.setOffline(false);
    await one.page.getByText(ended.status).waitFor();
    await one.page.getByText(T.refusedWords['read only']).waitFor();
    await until('both to be kept', async () => {
      const words = await lostWords(grace);
      return words.includes(' and more') && words.includes('a note that came too late');
    });
    const code = one.page.getByTestId('small-editor').locator('.view-lines');
    await untilEqual('the code', 'start', async () => (await code.innerText()).trim());
    await one.page.getByText(ended.noNotes).waitFor();
    await one.screenshot('ended-refused');
    one.excuse(networkTrouble);
  });
});

describe('a document that is full', () => {
  const stage = new Stage('--max-doc-bytes', '65536');

  test('shows what it did not take any more', async () => {
    const visitor = await stage.visitor('Ada');
    const ada = await Room.create(visitor);
    await ada.replaceAll('-');
    await ada.saved();
    const lines = Array.from({ length: 2_000 }, (_, line) => `line ${line}, ${'x'.repeat(30)}`);
    await ada.page.evaluate((text) => navigator.clipboard.writeText(text), [...lines, 'the last'].join('\n'));
    await ada.press('ControlOrMeta+End', 'ControlOrMeta+v');
    await visitor.page.getByText(T.refusedWords['too large']).waitFor();
    await visitor.screenshot('too-large');
    expect((await lostWords(ada)).includes('the last')).toBe(true);
    await ada.opened();
    await ada.shows('-');
  });
});

/** Whom this browser is in the session. */
async function participantOf(room: Room): Promise<string> {
  const kept = await room.page.evaluate((id) => localStorage.getItem(`parley:session:${id}`), room.id);
  return (JSON.parse(kept ?? '{}') as { participant: { id: string } }).participant.id;
}

/** What the page keeps of the words that were not taken. */
async function lostWords({ page }: Room): Promise<string> {
  const words = page.getByRole('region', { name: T.refusedLabel });
  if ((await words.count()) === 0) await page.getByRole('button', { name: T.refusedShow }).click();
  return (await words.locator('pre').allTextContents()).join('\n');
}
