import { describe, expect, test } from 'vitest';
import { TEXTS } from '../src/lib/texts';
import { IDLE_MS } from '../src/sync/activity';
import { createSession } from './support/api';
import { Files } from './support/files';
import { beside } from './support/people';
import { Room } from './support/room';
import { Stage } from './support/stage';
import { until, untilEqual } from './support/until';

const E = TEXTS.editor;
const P = TEXTS.people;

describe('where the others are', () => {
  const stage = new Stage();

  /** Ada and Bob, in a file that is longer than the screen. */
  async function meet() {
    const { invites } = await createSession(stage.server, {
      code: Array.from({ length: 200 }, (_, line) => `line ${line + 1}`).join('\n'),
    });
    const [ada, bob] = await Promise.all([stage.visitor('Ada'), stage.visitor('Bob')]);
    const [one, two] = await Promise.all([
      Room.join(ada, invites.interviewer),
      Room.join(bob, invites.candidate),
    ]);
    return { ada: one, bob: two, invites };
  }

  test('one jumps to a person once, and follows them until one does something oneself', async () => {
    const { ada, bob } = await meet();
    const [hers, his] = [new Files(ada), new Files(bob)];
    const sees = (line: string) => until(`${line} at Ada's`, async () => (await ada.text()).includes(line));
    const pill = ada.page.getByRole('button', { name: E.following('Bob') });
    const follow = async () => {
      await ada.page.getByRole('button', { name: E.follow('Bob') }).click();
      await pill.waitFor();
    };
    await bob.focus();
    await bob.press('ControlOrMeta+End');
    const panel = await beside(ada.page, 'people');
    await panel.getByRole('button', { name: E.jump('Bob') }).click();
    await sees('line 200');
    expect(await pill.count()).toBe(0);
    await bob.press('ControlOrMeta+Home');
    await untilEqual("Bob's line", 'Ln 1, Col 1', () => bob.page.getByText(/^Ln \d+/).innerText());
    expect(await ada.text()).toContain('line 200');

    // Into another file too, which she then sees is where he is.
    await his.add('notes.md');
    await bob.focus();
    await bob.type('here');
    await panel.getByText(`${P.activity.active} · ${P.inFile('notes.md')}`).waitFor();
    expect(await hers.shown()).toBe('main.js');
    await panel.getByRole('button', { name: E.jump('Bob') }).click();
    await untilEqual('the file at Ada', 'notes.md', () => hers.shown());
    await ada.shows('here');

    // Escape, the wheel and a key each end following; the pill too, and the focus stays on the
    // page.
    await follow();
    await ada.press('Escape');
    await pill.waitFor({ state: 'hidden' });
    await follow();
    await ada.editor.hover();
    await ada.page.mouse.wheel(0, 200);
    await pill.waitFor({ state: 'hidden' });
    await his.open('main.js');
    expect(await hers.shown()).toBe('notes.md');
    await follow();
    await untilEqual('the file at Ada', 'main.js', () => hers.shown());
    await bob.focus();
    await bob.press('ControlOrMeta+End');
    await sees('line 200');
    await ada.editor.locator('textarea, .native-edit-context').first().focus();
    await ada.type('x');
    await pill.waitFor({ state: 'hidden' });
    // Her own place is the first line; where he goes now she does not.
    await sees('xline 1');
    await bob.press('ControlOrMeta+Home', 'ControlOrMeta+End');
    await bob.type('!');
    await bob.saved();
    expect(await ada.text()).not.toContain('line 200');
    await follow();
    await pill.press('Enter');
    await pill.waitFor({ state: 'hidden' });
    await until('the focus on the page', () =>
      ada.page.evaluate(() => document.activeElement !== document.body),
    );
  });

  test('others see who is idle or away, and two tabs of one person are one, where they are most present', async () => {
    const { id, invites } = await createSession(stage.server, { code: '-' });
    const [one, two] = await Promise.all([stage.visitor('Ada'), stage.visitor('Bob')]);
    // In Bob's browser a minute is over in three seconds.
    await two.context.addInitScript((idle) => {
      const real = window.setTimeout.bind(window);
      const quicker = (run: () => void, ms?: number) => real(run, ms === idle ? 3_000 : ms);
      Object.assign(window, { setTimeout: quicker });
    }, IDLE_MS);
    const [ada, bob] = await Promise.all([
      Room.join(one, invites.interviewer),
      Room.join(two, invites.candidate),
    ]);
    const discs = ada.people.getByRole('listitem');
    const bobIs = (activity: keyof typeof P.activity) =>
      ada.people
        .getByRole('listitem', { name: P.describedAs('Bob', P.roles.candidate, P.activity[activity]) })
        .waitFor();
    await bobIs('active');
    await bobIs('idle');
    await bob.press('ArrowDown');
    await bobIs('active');
    await hide(bob);
    await bobIs('away');

    const second = await (await Room.reopen(await two.secondTab(), id)).opened();
    await second.focus();
    await second.press('ArrowDown'); // it may be idle again, of three seconds, by now
    await bobIs('active');
    expect(await discs.count()).toBe(2);
    await second.press('ControlOrMeta+End');
    await second.type(' from the second tab');
    await ada.shows('- from the second tab');
    await bob.shows('- from the second tab');
    await second.page.close();
    await bobIs('away');
    expect(await discs.count()).toBe(2);
  });

  test('a screen reader hears who comes and goes, and how a run went', async () => {
    const { ada, bob, invites } = await meet();
    const spoken = await listen(ada);
    const three = await stage.visitor('Olga');
    await Room.join(three, invites.observer);
    await until('Olga to be announced', async () => (await spoken()).includes(P.joined('Olga')));
    await bob.replaceAll('throw new Error("no");');
    await bob.runButton.click();
    await until('the run to be announced', async () => {
      const heard = await spoken();
      return heard.includes(TEXTS.run.status.error);
    });
    await three.leave();
    await until('Olga’s leaving to be announced', async () => (await spoken()).includes(P.left('Olga')));
  });
});

/** Puts the page out of sight, as another tab in front of it does. */
async function hide({ page }: Room): Promise<void> {
  await page.evaluate(() => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => 'hidden' });
    document.dispatchEvent(new Event('visibilitychange'));
  });
}

/**
 * Notes what live regions come to say, as a screen reader does: changes inside of a region that was
 * there before.
 */
async function listen({ page }: Room): Promise<() => Promise<string>> {
  await page.evaluate(() => {
    const heard: string[] = [];
    Object.assign(window, { heard });
    new MutationObserver((records) => {
      for (const { target } of records) {
        const at = target instanceof Element ? target : target.parentElement;
        const region = at?.closest('[role=status], [role=alert], [aria-live]');
        if (region?.textContent) heard.push(region.textContent);
      }
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
  return () => page.evaluate(() => (window as unknown as { heard: string[] }).heard.join('\n'));
}
