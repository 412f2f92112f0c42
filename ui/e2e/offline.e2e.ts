import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, onTestFinished, test } from 'vitest';
import * as Y from 'yjs';
import { TEXTS } from '../src/lib/texts';
import { codeOf, createSession } from './support/api';
import { networkTrouble, Visitor } from './support/browser';
import { shellKept } from './support/people';
import { Room } from './support/room';
import { Stage } from './support/stage';
import { until, untilEqual } from './support/until';

/** Entries that the browser keeps for sessions whose server has not stored everything. */
function kept(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve, reject) => {
        const opening = indexedDB.open('parley');
        opening.onerror = () => reject(opening.error ?? new Error('no database'));
        opening.onsuccess = () => {
          const database = opening.result;
          const count = database.transaction('outbox').objectStore('outbox').count();
          count.onsuccess = () => {
            database.close();
            resolve(count.result);
          };
        };
      }),
  );
}

/** What was typed, of each of these entries, with a bar between. */
async function keptTexts(page: Page): Promise<string> {
  const updates = await page.evaluate(
    () =>
      new Promise<number[][]>((resolve, reject) => {
        const opening = indexedDB.open('parley');
        opening.onerror = () => reject(opening.error ?? new Error('no database'));
        opening.onsuccess = () => {
          const database = opening.result;
          const all = database.transaction('outbox').objectStore('outbox').getAll();
          all.onsuccess = () => {
            database.close();
            resolve((all.result as { update: Uint8Array }[]).map(({ update }) => [...update]));
          };
        };
      }),
  );
  return updates
    .map((update) =>
      Y.decodeUpdate(Uint8Array.from(update))
        .structs.map((struct) =>
          'content' in struct && struct.content instanceof Y.ContentString ? struct.content.str : '',
        )
        .join(''),
    )
    .sort()
    .join('|');
}

describe('what was typed without a server', () => {
  const stage = new Stage();

  test('survives a reload without one, and is merged when it is back', async () => {
    const server = await stage.ownServer();
    const [one, two] = await Promise.all([stage.visitor('Ada', server), stage.visitor('Bob', server)]);
    const ada = await Room.create(one);
    const bob = await Room.join(two, await ada.inviteLink('candidate'));
    await ada.replaceAll('// start\n');
    await bob.shows('// start\n');
    await bob.saved();
    await shellKept(bob.page);
    await untilEqual('what is kept', 0, () => kept(bob.page));

    await server.kill();
    await bob.offline();
    await two.screenshot('reconnecting');
    await bob.focus();
    await bob.press('ControlOrMeta+End');
    await bob.type('typed while it was away');
    await bob.page.reload(); // at once: the last letter is kept too
    await bob.page.getByText(TEXTS.connection.keptWaiting).waitFor();
    await two.screenshot('server-away-kept');
    await ada.focus();
    await ada.press('ControlOrMeta+Home');
    await ada.type('// hers ');

    await server.up();
    const merged = '// hers // start\ntyped while it was away';
    await Promise.all([ada.shows(merged), bob.shows(merged)]);
    await Promise.all([ada.saved(), bob.saved()]);
    await untilEqual('what is kept', 0, () => kept(bob.page));
    const caches = await bob.page.evaluate(async () => {
      const urls: string[] = [];
      for (const name of await window.caches.keys()) {
        for (const request of await (await window.caches.open(name)).keys()) urls.push(request.url);
      }
      return urls.join('\n');
    });
    expect(caches).toContain('/assets/');
    expect(caches).not.toMatch(/\/api|\/ws|\/s\/|\/j\/|token/);
    for (const visitor of [one, two]) visitor.excuse(networkTrouble);
  });

  test('survives a closed browser', async () => {
    const server = await stage.ownServer();
    const profile = mkdtempSync(join(tmpdir(), 'parley-profile-'));
    onTestFinished(() => rmSync(profile, { recursive: true, force: true }));
    const { id, token, invites } = await createSession(server, { code: '// start' });
    const before = await Visitor.atHome(profile, server.origin, 'Bob');
    const bob = await Room.join(before, invites.candidate);
    await server.kill();
    await bob.offline();
    await bob.focus();
    await bob.press('ControlOrMeta+End');
    await bob.type(', and the battery was empty');
    await untilEqual('what is kept', ', and the battery was empty', () => keptTexts(bob.page));
    await before.leave();

    await server.up();
    expect(await codeOf(server, id, token)).toBe('// start');
    const after = await Visitor.atHome(profile, server.origin, 'Bob');
    onTestFinished(() => after.leave());
    const again = await (await Room.reopen(after, id)).opened();
    await again.shows('// start, and the battery was empty');
    await untilEqual('the text at the server', '// start, and the battery was empty', () =>
      codeOf(server, id, token),
    );
    await untilEqual('what is kept', 0, () => kept(again.page));
  });

  test('of two tabs is all there, also when one is closed before', async () => {
    const server = await stage.ownServer();
    const one = await stage.visitor('Bob', server);
    const { id, token, invites } = await createSession(server, { code: '1\n2\n' });
    const first = await Room.join(one, invites.candidate);
    const second = await (await Room.reopen(await one.secondTab(), id)).opened();
    await until(
      'one person in both tabs',
      async () => (await first.people.getByRole('listitem').count()) === 1,
    );
    await server.kill();
    await Promise.all([first.offline(), second.offline()]);
    await first.page.bringToFront();
    await first.focus();
    await first.press('ControlOrMeta+Home');
    await first.type('first ');
    await second.page.bringToFront();
    await second.focus();
    await second.press('ControlOrMeta+End');
    await second.type('second');
    await untilEqual('what is kept', 'first |second', () => keptTexts(first.page));
    await second.page.close();
    await first.shows('first 1\n2\nsecond');
    await untilEqual('what is kept', 1, () => kept(first.page));
    await server.up();
    await first.saved();
    await untilEqual('the text at the server', 'first 1\n2\nsecond', () => codeOf(server, id, token));
    await untilEqual('what is kept', 0, () => kept(first.page));
    one.excuse(networkTrouble);
  });

  test('is forgotten by the browser when the session is deleted', async () => {
    const server = await stage.ownServer();
    const one = await stage.visitor('Ada', server);
    const { id, token, invites } = await createSession(server, { code: '-' });
    const ada = await Room.join(one, invites.candidate);
    await server.kill();
    await ada.offline();
    await ada.focus();
    await ada.type('x');
    await untilEqual('what is kept', 1, () => kept(ada.page));
    await ada.page.goto('about:blank');
    await server.up();
    const gone = await fetch(`${server.origin}/api/v1/sessions/${id}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${token}` },
    });
    expect(gone.status).toBe(204);
    await Room.reopen(one, id);
    await one.page.getByRole('heading', { name: TEXTS.problems.expired.title }).waitFor();
    await untilEqual('what is kept', 0, () => kept(ada.page));
    one.excuse(/./);
  });

  test('is warned of where the browser keeps nothing', async () => {
    const server = await stage.ownServer();
    const one = await stage.visitor('Ada', server);
    await one.context.addInitScript(() => {
      IDBFactory.prototype.open = () => {
        throw new DOMException('not in a private window', 'SecurityError');
      };
    });
    const ada = await Room.create(one);
    await ada.replaceAll('// ');
    await ada.saved();
    await server.kill();
    await ada.offline();
    await ada.focus();
    await ada.press('ControlOrMeta+End');
    await ada.type('in danger');
    await ada.page.getByText(TEXTS.connection.notKept).waitFor();
    await one.screenshot('not-kept');
    const asked = ada.page.waitForEvent('dialog');
    void ada.page.close({ runBeforeUnload: true });
    const dialog = await asked;
    expect(dialog.type()).toBe('beforeunload');
    await dialog.dismiss();
    await server.up();
    await ada.saved();
    await ada.shows('// in danger');
    await ada.page.getByText(TEXTS.connection.notKept).waitFor({ state: 'hidden' });
    one.excuse(networkTrouble);
  });

  test('and a clock that is off by days changes nothing', async () => {
    const server = await stage.ownServer();
    const one = await stage.visitor('Ada', server);
    await one.context.addInitScript(() => {
      const now = Date.now.bind(Date);
      Date.now = () => now() + 3 * 24 * 3600_000;
    });
    const ada = await Room.create(one);
    await ada.replaceAll('// from the future');
    await ada.saved();
    await server.kill();
    await ada.offline();
    await ada.press('ControlOrMeta+End');
    await ada.type(', offline');
    await until('a countdown of seconds', async () => /[0-9] s$|…$|Offline$/.test(await ada.connection()));
    await server.up();
    await ada.saved();
    await ada.page.reload();
    await ada.opened();
    await ada.shows('// from the future, offline');
    one.excuse(networkTrouble);
  });
});
