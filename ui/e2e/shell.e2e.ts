import { describe, expect, onTestFinished, test } from 'vitest';
import { TEXTS } from '../src/lib/texts';
import { createSession } from './support/api';
import { networkTrouble } from './support/browser';
import { Files } from './support/files';
import { Front } from './support/front';
import { shellKept } from './support/people';
import { Room } from './support/room';
import { Stage } from './support/stage';
import { until, untilEqual } from './support/until';

const C = TEXTS.connection;

describe('the page itself', () => {
  const stage = new Stage();

  test('a new version is offered, can wait, and comes when one says so', async () => {
    const front = await Front.before(stage.server);
    onTestFinished(() => front.close());
    const visitor = await stage.visitor('Ada', stage.server, front.origin);
    const ada = await Room.create(visitor);
    const { page } = visitor;
    await ada.replaceAll('// before');
    await shellKept(page);
    front.updated = true;
    const offer = async () => {
      await page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.update());
      await page.getByText(C.update).waitFor();
    };
    await offer();
    await visitor.screenshot('update');
    await page.getByRole('button', { name: C.updateLater }).press('Enter');
    await page.getByText(C.update).waitFor({ state: 'hidden' });
    expect(await page.evaluate(() => document.activeElement !== document.body)).toBe(true);
    await ada.shows('// before');

    // Whoever put it off is asked again with the next visit.
    await page.reload();
    await ada.opened();
    await page.getByText(C.update).waitFor();
    const reloaded = page.waitForEvent('load');
    await page.getByRole('button', { name: C.updateNow }).click();
    await reloaded;
    await ada.opened();
    await ada.shows('// before');
    await untilEqual('no version that waits', true, () =>
      page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.waiting === null),
    );
    expect(await page.getByText(C.update).count()).toBe(0);
  });

  test('an invite opened while the server is away waits for it, and goes on by itself', async () => {
    const server = await stage.ownServer();
    const visitor = await stage.visitor('Ada', server);
    const { invites } = await createSession(server);
    await visitor.page.goto(server.origin);
    await shellKept(visitor.page);
    await server.kill();
    await visitor.page.goto(invites.candidate);
    await visitor.page.getByRole('heading', { name: TEXTS.problems.serverAway.title }).waitFor();
    await server.up();
    await visitor.page.getByLabel(TEXTS.lobby.nameLabel).waitFor();
    visitor.excuse(networkTrouble);
  });

  test('a phone, and somebody who wants nothing to move', async () => {
    const visitor = await stage.visitor('Ada');
    const { page } = visitor;
    await page.setViewportSize({ width: 390, height: 844 });
    await page.emulateMedia({ reducedMotion: 'reduce', colorScheme: 'dark' });
    const ada = await Room.create(visitor);
    const hers = new Files(ada);
    const names = ['one.ts', 'two-with-a-long-name.ts', 'three.py', 'four.md'];
    for (const name of names) await hers.add(name);
    const inView = (name: string) =>
      hers.tab(name).evaluate((tab) => {
        const { left, right } = tab.getBoundingClientRect();
        return left >= -1 && right <= innerWidth + 1;
      });
    await until('the new tab in view', () => inView('four.md'));
    await hers.open('main.js');
    await until('the first tab in view', () => inView('main.js'));
    await hers.open('two-with-a-long-name.ts');
    await ada.replaceAll('const small = 1;');
    await page.getByRole('button', { name: TEXTS.files.actions }).click();
    await page.getByRole('menuitem', { name: TEXTS.files.rename }).click();
    await page.getByLabel(TEXTS.files.nameLabel).fill('two.ts');
    await ada.press('Enter');
    await hers.are('main.js', 'one.ts', 'two.ts', 'three.py', 'four.md');
    await page.getByRole('button', { name: TEXTS.files.actions }).click();
    await page.getByRole('menuitem', { name: TEXTS.files.remove }).click();
    await visitor.screenshot('phone-file-deleted');
    await page.getByRole('button', { name: TEXTS.files.undo }).click();
    await hers.open('two.ts');
    await ada.shows('const small = 1;');

    const nav = page.getByRole('navigation', { name: TEXTS.beside.nav });
    for (const part of ['problem', 'notes', 'people'] as const) {
      await nav.getByRole('button', { name: TEXTS.beside.tabs[part] }).click();
      await page.getByRole('complementary', { name: TEXTS.beside.label }).waitFor();
    }
    await visitor.screenshot('phone-people');
    await nav.getByRole('button', { name: TEXTS.beside.tabs.code }).click();
    await ada.shows('const small = 1;');
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);

    // Nothing moves: not what opens, not what waits.
    await page.evaluate(() => {
      const moved: string[] = [];
      Object.assign(window, { moved });
      const note = (event: AnimationEvent | TransitionEvent) => {
        const of = event.target as Element;
        const length = event.target instanceof Element ? event.elapsedTime : 0;
        if (length > 0.02) moved.push(`${of.className} ${length}`);
      };
      document.addEventListener('transitionend', note, true);
      document.addEventListener('animationend', note, true);
    });
    await page.getByRole('button', { name: TEXTS.session.menu, exact: true }).click();
    await page.getByRole('menuitem', { name: TEXTS.session.end }).click();
    await page.getByRole('dialog', { name: TEXTS.session.endTitle }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog', { name: TEXTS.session.endTitle }).waitFor({ state: 'hidden' });
    await untilEqual('the focus', TEXTS.session.menu, () =>
      page.evaluate(() => document.activeElement?.getAttribute('aria-label')),
    );
    await ada.language.selectOption({ label: 'JavaScript' });
    await ada.replaceAll('while (true);');
    await ada.runButton.click();
    await ada.stopButton.waitFor();
    const moving = () =>
      page.evaluate(() =>
        document
          .getAnimations()
          .filter(
            (one) => one.playState === 'running' && Number(one.effect?.getComputedTiming().duration) > 20,
          )
          .map((one) => (one.effect as KeyframeEffect).target?.className),
      );
    expect(await moving()).toEqual([]);
    await ada.stopButton.click();
    await ada.runButton.waitFor();
    expect(await page.evaluate(() => (window as unknown as { moved: string[] }).moved)).toEqual([]);
  });
});
