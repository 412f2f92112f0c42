import { describe, expect, test } from 'vitest';
import { TEXTS } from '../src/lib/texts';
import { settingsDialog } from '../src/lib/texts/settings-dialog';
import { createSession, joinByLink } from './support/api';
import { Files, choose, openSettings } from './support/files';
import { Peer } from './support/peer';
import { Room } from './support/room';
import { Stage } from './support/stage';
import { until, untilEqual } from './support/until';
import * as Y from 'yjs';

describe('the editor', () => {
  const stage = new Stage();

  async function meet(): Promise<[Room, Room]> {
    const { invites } = await createSession(stage.server, { code: 'one\ntwo\nthree\n' });
    const [ada, bob] = await Promise.all([stage.visitor('Ada'), stage.visitor('Bob')]);
    return Promise.all([Room.join(ada, invites.interviewer), Room.join(bob, invites.candidate)]);
  }

  test('files: add, rename, move, delete and undo, for both', async () => {
    const [ada, bob] = await meet();
    const [hers, his] = [new Files(ada), new Files(bob)];
    await hers.add('utils.ts');
    await his.are('main.js', 'utils.ts');
    await ada.replaceAll('export const answer = 42;');
    await untilEqual("where Ada is, at Bob's", 'utils.ts, open at Ada', () => his.labelOf('utils.ts'));
    expect(await bob.text()).toContain('one');

    // By keyboard: over to the new tab, a name for it, one place to the left.
    await his.tab('main.js').focus();
    await bob.press('ArrowRight');
    await bob.shows('export const answer = 42;');
    await bob.press('F2');
    await bob.page.getByLabel(TEXTS.files.nameLabel).fill('main.js');
    await bob.press('Enter');
    await bob.page.getByText(TEXTS.files.faults.taken).waitFor();
    await bob.visitor.screenshot('file-name-taken');
    await bob.page.getByLabel(TEXTS.files.nameLabel).fill('lib.py');
    await bob.press('Enter');
    await hers.are('main.js', 'lib.py');
    await untilEqual('the language by the name', 'python', () => bob.language.inputValue());
    await bob.press('Alt+ArrowLeft');
    await hers.are('lib.py', 'main.js');

    // By mouse: dragged back.
    await hers.tab('lib.py').dragTo(hers.tab('main.js'), { targetPosition: { x: 60, y: 10 } });
    await his.are('main.js', 'lib.py');

    // Both delete what the other looks at; both see it go, and either brings it back with its text.
    await his.tab('lib.py').focus();
    await bob.press('Delete');
    await hers.are('main.js');
    await ada.shows('one\ntwo\nthree\n');
    await ada.page.getByText(TEXTS.files.removed('lib.py')).waitFor();
    await ada.visitor.screenshot('file-deleted');
    await ada.page.getByRole('button', { name: TEXTS.files.undo }).click();
    await his.are('main.js', 'lib.py');
    await ada.shows('export const answer = 42;');
  });

  test('each file keeps its own undo, and both can work in different files', async () => {
    const [ada, bob] = await meet();
    const hers = new Files(ada);
    await hers.add('other.txt');
    await ada.focus();
    await ada.type('in the other file');
    await hers.open('main.js');
    await ada.focus();
    await ada.press('ControlOrMeta+End');
    await ada.type('four');
    await bob.shows('one\ntwo\nthree\nfour');
    await hers.open('other.txt');
    await ada.shows('in the other file');
    await until('the other file to be empty again', async () => {
      await ada.focus();
      await ada.press('ControlOrMeta+z');
      return (await ada.text()) === '';
    });
    await hers.open('main.js');
    await ada.shows('one\ntwo\nthree\nfour');
  });

  test('all selections of the other are drawn, and one can follow them', async () => {
    const { invites } = await createSession(stage.server, {
      code: Array.from({ length: 300 }, (_, line) => `line ${line + 1}`).join('\n'),
    });
    const [one, two] = await Promise.all([stage.visitor('Ada'), stage.visitor('Bob')]);
    const [ada, bob] = await Promise.all([
      Room.join(one, invites.interviewer),
      Room.join(two, invites.candidate),
    ]);
    await bob.focus();
    await bob.press('ControlOrMeta+Home', 'Shift+End');
    for (const line of ['line 4', 'line 7']) {
      await bob.editor
        .locator('.view-line', { hasText: line })
        .first()
        .click({ modifiers: ['Alt'] });
    }
    const carets = () => ada.editor.locator('.yRemoteSelectionHead').count();
    await untilEqual("Bob's carets at Ada's", 3, carets);
    await untilEqual('their names', 'Bob', async () => (await ada.cursorNames()).join());
    await one.screenshot('several-cursors');

    await ada.page.getByRole('button', { name: TEXTS.editor.follow('Bob') }).click();
    await ada.page.getByRole('button', { name: TEXTS.editor.following('Bob') }).waitFor();
    await bob.press('Escape', 'ControlOrMeta+End');
    await until("the end at Ada's", async () => (await ada.text()).includes('line 300'));
    const his = new Files(bob);
    await his.add('away.md');
    await untilEqual('Ada to have gone along', 'away.md', () => new Files(ada).shown());
    await one.screenshot('following');
    await ada.focus();
    await ada.page.getByRole('button', { name: TEXTS.editor.following('Bob') }).waitFor({ state: 'hidden' });
    await his.open('main.js');
    expect(await new Files(ada).shown()).toBe('away.md');
  });

  test('hostile files and presence break nothing', async () => {
    const { id, invites } = await createSession(stage.server, { code: 'safe' });
    const visitor = await stage.visitor('Ada');
    const ada = await Room.join(visitor, invites.interviewer);
    const third = await joinByLink(stage.server, invites.candidate, '<img src=x onerror=alert(1)>');
    const peer = await new Peer(stage.server, id, { token: third.token }).synced();
    try {
      const files = peer.doc.getMap('files');
      const put = (key: string, fields: Record<string, unknown>) =>
        files.set(key, new Y.Map(Object.entries(fields)));
      peer.doc.transact(() => {
        put('long', { name: 'x'.repeat(5000), language: 'javascript', order: 1 });
        put('bidi', {
          name: '\u202Egnp.exe\u0000<img src=x onerror=alert(1)>',
          language: '"><script>',
          order: 2,
        });
        put('types', { name: { a: 1 }, language: 7, order: 'x' });
        put('empty', {});
        put('a b', { name: 'bad id' });
        files.set('text', 'not a map');
        files.set('null', null);
        put('order', { name: 'order.txt', order: -1e308 });
      });
      const at = Y.createRelativePositionFromTypeIndex(peer.main, 2);
      peer.provider.awareness.setLocalState({
        user: { id: third.participant.id, name: 'x'.repeat(3000), color: 'url(x)' },
        file: ['main'],
        selection: { anchor: at, head: at },
        selections: [{ anchor: {} }, 7, null, 'x'],
        view: -1,
      });
      const hers = new Files(ada);
      await until('the files that can be shown', async () => (await hers.names()).includes('order.txt'));
      expect((await hers.names()).length).toBe(6);
      expect((await hers.names()).join()).not.toMatch(/[\u202E\0]/);
      for (const name of await hers.names()) await hers.open(name);
      await hers.open('main.js');
      await ada.shows('safe');
      await ada.focus();
      await ada.press('ControlOrMeta+End');
      await ada.type('!');
      await untilEqual('the text', 'safe!', () => peer.main.toString());
      await visitor.screenshot('hostile-files');
    } finally {
      peer.leave();
    }
  });

  test('settings: theme, font, keys and suggestions are one’s own, and stay', async () => {
    const [ada, bob] = await meet();
    await openSettings(ada);
    for (const theme of ['light', 'contrast', 'dark'] as const) {
      await choose(ada, settingsDialog.themes[theme]);
      await untilEqual('the theme', theme, () =>
        ada.page.evaluate(() => document.documentElement.dataset.theme),
      );
      await ada.visitor.screenshot(`settings-${theme}`);
    }
    await ada.page.getByRole('button', { name: settingsDialog.larger }).click();
    await choose(ada, settingsDialog.themes.light);
    await choose(ada, settingsDialog.tabSizeOf(8));
    await ada.page.getByRole('switch', { name: settingsDialog.autocomplete }).click();
    await ada.press('Escape');
    await ada.page.reload();
    await ada.opened();
    await ada.visitor.screenshot('room-light');
    const size = () =>
      ada.editor
        .locator('.view-line')
        .first()
        .evaluate((line) => getComputedStyle(line).fontSize);
    await untilEqual('the font size', '15px', size);
    expect(await ada.page.evaluate(() => document.documentElement.dataset.theme)).toBe('light');
    expect(await bob.page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark');
    await ada.focus();
    await ada.press('ControlOrMeta+Home', 'Tab');
    await ada.shows('        one\ntwo\nthree\n');
    await ada.press('ControlOrMeta+End');
    await ada.type('consol');
    await bob.shows('        one\ntwo\nthree\nconsol');
    expect(await ada.page.locator('.suggest-widget.visible').count()).toBe(0);
  });

  test('vim keys, with an undo that leaves the other alone', async () => {
    const [ada, bob] = await meet();
    await openSettings(ada);
    await choose(ada, settingsDialog.keyChoices.vim);
    await ada.press('Escape');
    await ada.page
      .getByTestId('editor-mode')
      .getByText(/NORMAL/i)
      .waitFor();
    await ada.focus();
    await ada.type('gg');
    await ada.type('dd');
    await bob.shows('two\nthree\n');
    await ada.type('ohello');
    await ada.press('Escape');
    await bob.shows('two\nhello\nthree\n');
    await bob.focus();
    await bob.press('ControlOrMeta+Home');
    await bob.type('B');
    await ada.shows('Btwo\nhello\nthree\n');
    // A command is a step, and so is all that was typed in insert mode, also with pauses.
    await ada.type('u');
    await bob.shows('Btwo\nthree\n');
    await ada.type('gg0');
    await ada.type('x');
    await ada.type('ihel');
    await ada.page.waitForTimeout(600);
    await ada.type('lo');
    await ada.press('Escape');
    await bob.shows('hellotwo\nthree\n');
    await ada.type('u');
    await bob.shows('two\nthree\n');
    await ada.type('u');
    await bob.shows('Btwo\nthree\n');
    await ada.type(':%s/three/drei/');
    await ada.press('Enter');
    await bob.shows('Btwo\ndrei\n');
    await ada.visitor.screenshot('vim');
    await openSettings(ada);
    await choose(ada, settingsDialog.keyChoices.default);
    await ada.press('Escape');
    await ada.focus();
    await ada.press('ControlOrMeta+End');
    await ada.type('x');
    await bob.shows('Btwo\ndrei\nx');
  });

  test('emacs keys', async () => {
    const [ada, bob] = await meet();
    await openSettings(ada);
    await choose(ada, settingsDialog.keyChoices.emacs);
    await ada.press('Escape');
    await ada.focus();
    await until('the keys to be there', async () => {
      await ada.press('ControlOrMeta+Home', 'Control+e');
      await ada.press('Control+Space');
      return (await ada.page.getByTestId('editor-mode').textContent()) === 'Mark set';
    });
    await ada.press('Control+g', 'Control+a', 'Control+k', 'Control+k');
    await bob.shows('two\nthree\n');
    await ada.press('Control+e', 'Control+y');
    await bob.shows('twoone\n\nthree\n');
    await ada.press('Alt+Shift+Period');
    await ada.type('end');
    await bob.shows('twoone\n\nthree\nend');
    await ada.press('Control+x', 'h', 'Control+w');
    await bob.shows('');
    await ada.press('Control+x', 'u');
    await bob.shows('twoone\n\nthree\nend');
  });

  test('formatting, where there is a formatter', async () => {
    const [ada, bob] = await meet();
    await ada.replaceAll('function  f( a,b ){return a+b}');
    await ada.page.getByRole('button', { name: TEXTS.editor.format, exact: true }).click();
    await bob.shows('function f(a, b) { return a + b }');
    await ada.language.selectOption({ label: 'Python' });
    await ada.page.getByRole('button', { name: TEXTS.editor.formatMissing('Python') }).waitFor();
  });
});
