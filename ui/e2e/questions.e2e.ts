import type { Page } from 'playwright-core';
import { afterAll, describe, expect, test } from 'vitest';
import { TEXTS } from '../src/lib/texts';
import { home } from '../src/lib/texts/home';
import { questions as T } from '../src/lib/texts/questions';
import { networkTrouble } from './support/browser';
import { look } from './support/look';
import { SECRETS, doubling, optionsOf, questionsOf, take } from './support/questions';
import { Room } from './support/room';
import { Stage } from './support/stage';
import { until, untilEqual } from './support/until';

const own = doubling();

describe('choosing a question', () => {
  const stage = new Stage('--questions-dir', own.dir);
  afterAll(own.remove);

  test('on the start page: search, filters, keys, a preview, and a session that begins with it', async () => {
    const one = await stage.visitor('Grace');
    const { page } = one;
    await page.goto(stage.server.origin);
    await page.getByRole('button', { name: T.choose }).click();
    const dialog = questionsOf(page);
    const options = optionsOf(page);
    await untilEqual('the questions', 11, () => options.count());
    await dialog.getByText(T.count(11)).waitFor();
    await dialog.getByText(T.pick).waitFor();

    // Words and filters narrow it, and what fits nothing says so.
    const search = dialog.getByRole('searchbox', { name: T.search });
    await untilEqual('the focus', true, () => search.evaluate((field) => field === document.activeElement));
    await search.fill('sorting');
    const bySorting = await options.count();
    expect(bySorting).toBeGreaterThan(0);
    expect(bySorting).toBeLessThan(11);
    await dialog.getByText(T.countOf(bySorting, 11)).waitFor();
    await dialog.getByRole('combobox', { name: T.level }).selectOption('hard');
    await dialog.getByRole('combobox', { name: T.length }).selectOption({ label: T.upTo(15) });
    await dialog.getByText(T.noMatch).waitFor();
    await look(one, 'questions-none', { phone: false });
    await dialog.getByRole('button', { name: T.clear }).click();
    await untilEqual('the questions', 11, () => options.count());
    await dialog.getByRole('combobox', { name: T.tag }).selectOption('warm-up');
    await options.filter({ hasText: 'Doubling' }).waitFor();
    await dialog.getByRole('combobox', { name: T.tag }).selectOption('');
    await dialog.getByRole('combobox', { name: T.language }).selectOption({ label: 'Lua' });
    await untilEqual('the questions in Lua', true, async () => (await options.count()) < 11);
    await dialog.getByRole('combobox', { name: T.language }).selectOption('');

    // The keyboard alone: from the search into the list, through it, and to the preview.
    await search.focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('End');
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowDown');
    await untilEqual('what is chosen', 1, () => options.and(page.locator('[aria-selected=true]')).count());
    const second = (await options.nth(1).innerText()).split('\n')[0] ?? '';
    await dialog.getByRole('article', { name: second }).waitFor();
    await search.fill('doubling');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    const preview = dialog.getByRole('article', { name: 'Doubling' });
    await preview.getByRole('heading', { name: 'Doubling', level: 3 }).first().waitFor();
    // The preview is what the candidate will see, and shows the rest when asked.
    const candidate = await preview.innerText();
    for (const secret of SECRETS) expect(candidate).not.toContain(secret);
    await preview.getByText(T.views.interviewer).click();
    await preview.getByText('quixotry').waitFor();
    await preview.getByText('vexillary').waitFor();
    await preview.getByText(T.views.candidate).click();
    await search.fill('');
    await look(one, 'questions');

    await dialog.getByRole('combobox', { name: T.filesIn }).selectOption({ label: 'Python' });
    await dialog.getByRole('button', { name: T.use }).click();
    await dialog.waitFor({ state: 'hidden' });
    await page.getByText('Doubling', { exact: true }).waitFor();
    await look(one, 'home-question');
    await page.getByLabel(home.nameLabel).fill('Grace');
    await page.getByRole('button', { name: home.create }).click();
    const grace = await Room.opened(one);
    await untilEqual('the title', 'Doubling', () =>
      page.getByRole('banner').getByRole('heading').innerText(),
    );
    await grace.shows('n = int(input())\n');
    await page.getByRole('complementary').getByText('twice').waitFor();
  });

  test('by a link: the question stands in the form, and one that is not there is named', async () => {
    const { page } = await stage.visitor('Grace');
    await page.goto(`${stage.server.origin}/new?question=meetings`);
    await page.getByText('Meeting rooms', { exact: true }).waitFor();
    const missing = await stage.visitor('Ada');
    await missing.page.goto(`${stage.server.origin}/new?question=no-such-thing`);
    await missing.page.getByText(/no-such-thing/).waitFor();
    await missing.page.getByRole('button', { name: T.choose }).waitFor();
    missing.excuse(/404/);
  });

  test('with a server that is away: it says so, and works when the server is back', async () => {
    const server = await stage.ownServer();
    const one = await stage.visitor('Grace', server);
    const { page } = one;
    await page.goto(server.origin);
    await page.getByRole('button', { name: T.choose }).waitFor();
    await page.waitForFunction(() =>
      performance.getEntriesByType('resource').some(({ name }) => name.includes('/question-dialog')),
    );
    await page.waitForLoadState('networkidle');
    await server.kill();
    await page.getByRole('button', { name: T.choose }).click();
    const dialog = questionsOf(page);
    await dialog.getByText(T.failed).waitFor();
    await look(one, 'questions-away');
    await server.up();
    await dialog.getByRole('button', { name: T.again }).click();
    await optionsOf(page).first().waitFor();
    one.excuse(networkTrouble);
  });

  test('in a running session: what is there stays as files', async () => {
    const [one, two] = await Promise.all([stage.visitor('Grace'), stage.visitor('Ada')]);
    const grace = await Room.create(one);
    const ada = await Room.join(two, await grace.inviteLink('candidate'));
    await grace.replaceAll('// what we did so far');
    await ada.shows('// what we did so far');
    expect(await two.page.getByRole('button', { name: T.open }).count()).toBe(0);
    await one.page.getByRole('button', { name: T.open }).click();
    await optionsOf(one.page).filter({ hasText: 'Doubling' }).click();
    await look(one, 'questions-insert', { phone: false });
    await take(one.page, 'Doubling', T.insert, 'Python');
    await grace.shows('n = int(input())\n');
    for (const page of [one.page, two.page]) {
      await page.getByText('twice', { exact: true }).waitFor();
      await page.getByRole('tab', { name: 'main.js' }).waitFor();
      await page.getByRole('tab', { name: 'main.py' }).waitFor();
    }
    await until('the guide to be there', () => tab(one.page).count());
    expect(await tab(two.page).count()).toBe(0);
  });
});

const tab = (page: Page) => page.getByRole('tab', { name: TEXTS.beside.tabs.guide });
