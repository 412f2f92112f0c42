import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { TEXTS } from '../src/lib/texts';
import { ended } from '../src/lib/texts/ended';
import { home } from '../src/lib/texts/home';
import { joinByLink } from './support/api';
import { Files } from './support/files';
import { Room } from './support/room';
import { Stage } from './support/stage';
import { until, untilEqual } from './support/until';

const S = TEXTS.session;
const P = TEXTS.people;
const B = TEXTS.beside;
const F = TEXTS.files;

describe('without a mouse', () => {
  const stage = new Stage();

  test('from the start page to the end and back, and the focus is never lost', async () => {
    const visitor = await stage.visitor('Ada');
    const { page } = visitor;
    const press = (...keys: string[]) => ada.press(...keys);
    await page.goto(stage.server.origin);
    await tabTo(page, home.nameLabel);
    await page.keyboard.type('Ada');
    await page.keyboard.press('Enter');
    const ada = await Room.opened(visitor);
    await untilEqual('the focus in the editor', true, () =>
      ada.editor.evaluate((editor) => editor.contains(document.activeElement)),
    );
    await press('ControlOrMeta+a');
    await ada.type('1');
    await press('ControlOrMeta+Enter');
    await page.getByText(TEXTS.run.status.ok).waitFor();

    // Tab indents until one says that it should not.
    await press('Control+m', 'Tab');
    await until('the focus to have left the editor', () =>
      ada.editor.evaluate((editor) => !editor.contains(document.activeElement)),
    );
    await ada.shows('1');

    // Each dialog gives the focus back to what opened it.
    await tabTo(page, TEXTS.room.share, 'Shift+Tab');
    const link = await within(page, 'Enter', TEXTS.share.title, async () => {
      const { label } = TEXTS.share.roles.candidate;
      return page.getByRole('textbox', { name: label }).inputValue();
    });
    await untilEqual('the focus', TEXTS.room.share, () => focused(page));
    await tabTo(page, TEXTS.settings.title);
    await within(page, 'Enter', TEXTS.settings.title);
    await untilEqual('the focus', TEXTS.settings.title, () => focused(page));
    await tabTo(page, B.timer.none, 'Shift+Tab');
    await within(page, 'Enter', B.timer.label);
    await untilEqual('the focus', B.timer.none, () => focused(page));
    await tabTo(page, S.menu);
    await press('Enter');
    await page.getByRole('menuitem', { name: S.rename }).waitFor();
    await tabTo(page, S.rename, 'ArrowDown');
    await press('Enter');
    await page.getByRole('dialog', { name: S.renameTitle }).waitFor();
    await untilEqual('the focus', S.renameLabel, () => focused(page));
    await ada.type(', by keyboard');
    await press('Enter');
    await page.getByRole('dialog', { name: S.renameTitle }).waitFor({ state: 'hidden' });
    await untilEqual('the focus', S.menu, () => focused(page));

    await files(ada);
    await removal(ada, link);
    await ending(page);
  });

  /** A file is made, deleted, brought back and deleted for good. */
  async function files(ada: Room): Promise<void> {
    const { page } = ada;
    const hers = new Files(ada);
    await tabTo(page, F.add);
    await ada.press('Enter');
    await untilEqual('the focus', F.nameLabel, () => focused(page));
    await ada.type('notes.md');
    await ada.press('Enter');
    await untilEqual('the focus', 'notes.md', () => focused(page));
    await ada.press('Delete');
    await page.getByText(F.removed('notes.md')).waitFor();
    await untilEqual('the focus', 'main.js', () => focused(page));
    await tabTo(page, F.undo);
    await ada.press('Enter');
    await untilEqual('the focus', 'notes.md', () => focused(page));
    await hers.are('main.js', 'notes.md');
    await ada.press('Delete');
    await tabTo(page, F.dismiss);
    await ada.press('Enter');
    await untilEqual('the focus', 'main.js', () => focused(page));
  }

  /** Somebody is removed; the row that opened the question goes. */
  async function removal(ada: Room, link: string): Promise<void> {
    const { page } = ada;
    await joinByLink(stage.server, link, 'Mallory');
    await tabTo(page, B.tabs.problem, 'Shift+Tab');
    await ada.press('ArrowRight', 'ArrowRight');
    await page.getByRole('heading', { name: P.here }).waitFor();
    // The list is asked for anew when somebody is seen; this one never came.
    await page.reload();
    await ada.opened();
    await page.getByRole('tab', { name: B.tabs.people }).focus();
    await ada.press('Enter');
    await page.getByText('Mallory').waitFor();
    await tabTo(page, P.removeOf('Mallory'));
    await ada.press('Enter');
    const dialog = page.getByRole('dialog', { name: P.removeTitle('Mallory') });
    await dialog.waitFor();
    await untilEqual('the focus', S.cancel, () => focused(page));
    await ada.press('Tab', 'Enter');
    await dialog.waitFor({ state: 'hidden' });
    await page.getByText('Mallory').waitFor({ state: 'hidden' });
    await hasFocus(page);
  }

  /** The interview ends, and one goes home. */
  async function ending(page: Page): Promise<void> {
    await tabTo(page, S.menu, 'Shift+Tab');
    await chooseEnd(page);
    const dialog = page.getByRole('dialog', { name: S.endTitle });
    await dialog.waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    await untilEqual('the focus', S.menu, () => focused(page));
    await chooseEnd(page);
    await untilEqual('the focus', S.cancel, () => focused(page));
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByText(ended.status).waitFor();
    await until('the focus on the heading', () =>
      page.evaluate(() => document.activeElement?.tagName === 'H1'),
    );
    await tabTo(page, TEXTS.appName, 'Shift+Tab');
    await page.keyboard.press('Enter');
    await untilEqual('the focus', home.title, () => focused(page));
    expect(await page.getByRole('navigation', { name: home.recentHeading }).count()).toBe(1);
    await tabTo(page, home.recentForgetAll);
    await page.keyboard.press('Enter');
    await hasFocus(page);
  }
});

/** From the button of the menu to its last entry. */
async function chooseEnd(page: Page): Promise<void> {
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem', { name: S.end }).waitFor();
  await until('the focus at the end of the menu', async () => {
    if ((await focused(page)) !== S.end) await page.keyboard.press('ArrowDown');
    return (await focused(page)) === S.end;
  });
  await page.keyboard.press('Enter');
}

/** Opens a dialog by the key, does something in it, and closes it by Escape. */
async function within<T>(page: Page, key: string, name: string, act?: () => Promise<T>) {
  await page.keyboard.press(key);
  const dialog = page.getByRole('dialog', { name });
  await dialog.waitFor();
  await until('the focus in the dialog', () =>
    dialog.evaluate((node) => node.contains(document.activeElement)),
  );
  const got = (await act?.()) as T;
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  return got;
}

function hasFocus(page: Page): Promise<true> {
  return until('something to have the focus', () =>
    page.evaluate(() => document.activeElement !== null && document.activeElement !== document.body),
  ).then(() => true);
}

/** The name of what has the focus; "" when nothing has. */
function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const at = document.activeElement as HTMLElement | null;
    if (!at || at === document.body) return '';
    const labels = (at as HTMLInputElement).labels;
    return (at.getAttribute('aria-label') ?? labels?.[0]?.textContent ?? at.textContent ?? '').trim();
  });
}

/** Presses Tab until what is called so has the focus. */
async function tabTo(page: Page, name: string, key = 'Tab'): Promise<void> {
  const way: string[] = [];
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press(key);
    const at = await focused(page);
    if (at.startsWith(name)) return;
    way.push(at);
  }
  throw new Error(`Tab does not lead to ${name}, but to ${way.join(' | ')}`);
}
