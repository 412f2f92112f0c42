import { describe, expect, test } from 'vitest';
import { TEXTS } from '../src/lib/texts';
import { codeOf, createSession, joinByLink, patch } from './support/api';
import { Files } from './support/files';
import { beside } from './support/people';
import { Room } from './support/room';
import { Stage } from './support/stage';
import { until, untilEqual } from './support/until';

const F = TEXTS.files;

describe('several people at once', () => {
  const stage = new Stage();

  test('five browsers type into one file at once, and end equal', async () => {
    const session = await createSession(stage.server, { code: '//1\n//2\n//3\n//4\n//5' });
    const names = ['Ada', 'Bob', 'Cleo', 'Dan', 'Eve'];
    const visitors = await Promise.all(names.map((name) => stage.visitor(name)));
    const rooms = await Promise.all(visitors.map((one) => Room.join(one, session.invites.candidate)));
    const letters = ['a', 'b', 'c', 'd', 'e'];
    await Promise.all(
      rooms.map(async (room, index) => {
        const [letter = ''] = letters.slice(index);
        await room.focus();
        // Each begins in a line of their own, and all end in one place.
        await room.press('ControlOrMeta+Home', ...Array<string>(index).fill('ArrowDown'), 'End');
        await room.type(letter.repeat(20));
        await room.press('ControlOrMeta+End');
        await room.type(letter.repeat(20));
      }),
    );
    const text = await until('all to have everything', async () => {
      const texts = await Promise.all(rooms.map((room) => room.text()));
      const counts = letters.map((letter) => (texts[0]?.split(letter).length ?? 0) - 1);
      return new Set(texts).size === 1 && counts.every((count) => count === 40) && texts[0];
    });
    await Promise.all(rooms.map((room) => room.saved()));
    expect(await codeOf(stage.server, session.id, session.token)).toBe(text);
    await until('all names at the cursors', async () => {
      const seen = await rooms[0]?.cursorNames();
      return seen?.join() === names.slice(1).join();
    });
    await visitors[0]?.screenshot('five-at-once');
  });

  test('a file that one renames, moves, deletes and brings back, while the other types in it', async () => {
    const { invites } = await createSession(stage.server, { code: 'first' });
    const [one, two] = await Promise.all([stage.visitor('Ada'), stage.visitor('Bob')]);
    const [ada, bob] = await Promise.all([
      Room.join(one, invites.interviewer),
      Room.join(two, invites.candidate),
    ]);
    const [hers, his] = [new Files(ada), new Files(bob)];
    await hers.add('work.js');
    await his.open('work.js');
    await bob.focus();
    const during = async (text: string, act: () => Promise<void>) => {
      await Promise.all([bob.type(text), act()]);
    };
    await during('// while it is renamed\n', async () => {
      await hers.tab('work.js').press('F2');
      await ada.page.getByLabel(F.nameLabel).fill('done.ts');
      await ada.press('Enter');
    });
    await his.are('main.js', 'done.ts');
    await during('// while it is moved\n', () => hers.tab('done.ts').press('Alt+ArrowLeft'));
    await his.are('done.ts', 'main.js');
    const written = '// while it is renamed\n// while it is moved\n';
    await Promise.all([ada.shows(written), bob.shows(written)]);
    expect(await his.shown()).toBe('done.ts');

    // Deleted under his hands: he is shown the file beside it, and told; what he typed is all there
    // when it is back.
    await during('abc', () => hers.tab('done.ts').press('Delete'));
    await Promise.all([hers.are('main.js'), his.are('main.js')]);
    await bob.page.getByText(F.removed('done.ts')).waitFor();
    await until('the focus on the page', () =>
      bob.page.evaluate(() => document.activeElement !== document.body),
    );
    await bob.page.getByRole('button', { name: F.undo }).press('Enter');
    await Promise.all([hers.are('done.ts', 'main.js'), his.are('done.ts', 'main.js')]);
    await until('the focus in the row of files', () =>
      bob.page.evaluate(() => document.activeElement?.getAttribute('role') === 'tab'),
    );
    await hers.open('done.ts');
    await until('both files to hold all that was typed', async () => {
      const back = [await ada.text()];
      await his.open('main.js');
      back.push(await bob.text());
      await his.open('done.ts');
      const typed = back.join('').replace(written, '').replace('first', '');
      return [...typed].sort().join('') === 'abc';
    });
  });

  test('names that nobody should have to see break nothing: by the API and by presence', async () => {
    const hostile = '<img src=x onerror="alert(1)">\u202Eevil';
    const long = 'W'.repeat(5_000);
    const { id, token, invites } = await createSession(stage.server, { title: hostile, code: '-' });
    for (const name of [long, `${hostile}${long}`]) {
      // The server may refuse; what it takes has to be shown.
      await joinByLink(stage.server, invites.candidate, name).catch(() => undefined);
      await patch(stage.server, `/sessions/${id}`, token, { title: name }).catch(() => undefined);
    }
    await joinByLink(stage.server, invites.candidate, hostile);
    const one = await stage.visitor('Ada');
    const ada = await Room.join(one, invites.interviewer);
    const panel = await beside(ada.page, 'people');
    await panel.getByText('<img src=x').first().waitFor();
    expect(await ada.page.locator('img[src=x]').count()).toBe(0);
    expect(await ada.page.locator('body').innerText()).not.toMatch(/[\u202A-\u202E\u2066-\u2069]/);
    const fits = () => ada.page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);
    expect(await fits()).toBe(true);
    expect(await ada.page.getByRole('button', { name: TEXTS.room.share }).isVisible()).toBe(true);
    await one.screenshot('hostile-names');
    await ada.page.setViewportSize({ width: 390, height: 844 });
    await until('nothing to stick out on a phone', fits);
    await one.screenshot('hostile-names-phone');
    await untilEqual('the code', '-', () => ada.text());
  });
});
