import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { replay as T } from '../src/lib/texts/replay';
import { replayErrors } from '../src/lib/texts/replay-errors';
import { replayShare } from '../src/lib/texts/replay-share';
import { networkTrouble } from './support/browser';
import { look } from './support/look';
import { shellKept } from './support/people';
import { ReplayPage, endInterview } from './support/replay-page';
import { Room } from './support/room';
import type { Server } from './support/server';
import { Stage } from './support/stage';
import { until, untilEqual } from './support/until';

const stage = new Stage();
const golden = join(import.meta.dirname, '../src/replay/testdata/bundle-1.zip');

/** What stood in the editor at a time of this machine, which is the server's too. */
interface Seen {
  at: number;
  text: string;
}

/** Writes a text key by key, and notes what stands there after some of the keys. */
async function write(room: Room, text: string, seen: Seen[], every: number): Promise<void> {
  for (let index = 0; index < text.length; index += every) {
    await room.type(text.slice(index, index + every));
    await room.saved();
    seen.push({ at: Date.now(), text: await room.text() });
    // The next key comes later than what was noted.
    await room.page.waitForTimeout(60);
  }
}

async function interview(server: Server): Promise<{ ada: Room; seen: Seen[] }> {
  const ada = await Room.create(await stage.visitor('Ada', server), 'JavaScript', 'A recorded interview');
  const bob = await Room.join(await stage.visitor('Bob', server), await ada.inviteLink('candidate'));
  const seen: Seen[] = [];
  await bob.replaceAll('// start\n');
  await bob.saved();
  await bob.press('ControlOrMeta+End');
  await write(bob, "console.log('one');", seen, 4);
  await bob.begin();
  await bob.outputHas('one');
  await ada.shows(await bob.text());
  await ada.focus();
  await ada.press('ControlOrMeta+End', 'Enter');
  await write(ada, '// Ada was here', seen, 4);
  await bob.replaceAll('const a = 1;\nconst b = 2;\nconst c = 3;\nconsole.log(a + b + c);\n');
  await bob.saved();
  seen.push({ at: Date.now(), text: await bob.text() });
  await server.kill();
  await bob.offline();
  await bob.focus();
  await bob.press('ControlOrMeta+End');
  await bob.type('// offline');
  await server.up();
  await bob.saved();
  await ada.saved();
  await ada.shows(await bob.text());
  seen.push({ at: Date.now(), text: await bob.text() });
  await bob.focus();
  await write(bob, ' and on again, to the end', seen, 3);
  for (const { visitor } of [ada, bob]) visitor.excuse(networkTrouble);
  return { ada, seen };
}

async function startOf(server: Server, room: Room): Promise<number> {
  const token = await room.page.evaluate((id) => {
    const kept = JSON.parse(localStorage.getItem(`parley:session:${id}`) ?? '{}') as { token: string };
    return kept.token;
  }, room.id);
  const answer = await fetch(`${server.origin}/api/v1/sessions/${room.id}/timeline`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const times = (await answer.text())
    .split('\n')
    .filter(Boolean)
    .map((line) => (JSON.parse(line) as { t?: number }).t)
    .filter((t) => t !== undefined);
  return Math.min(...times);
}

describe('a recorded interview', () => {
  it('shows at each moment what stood on the screen then, and can be shared', async () => {
    const server = await stage.ownServer();
    const { ada, seen } = await interview(server);
    expect(seen.length).toBeGreaterThanOrEqual(19);
    await endInterview(ada);
    const start = await startOf(server, ada);
    const { page } = ada;
    const replay = await ReplayPage.from(ada);
    for (const { at, text } of seen) {
      // Seconds are too coarse for keys, so the moment is reached over the page's own clock.
      await page.evaluate((t) => (location.hash = `#t=${t}`), Math.floor((at - start) / 1000));
      await replay.key('ArrowLeft');
      const wanted = text.trimEnd();
      await until(`the replay to come by ${JSON.stringify(wanted)}`, async () => {
        if ((await replay.text()).trimEnd() === wanted) return true;
        await page.keyboard.press('ArrowRight');
        return false;
      });
    }
    await page.getByRole('button', { name: T.back, exact: true }).click();
    await page.getByRole('button', { name: replayShare.share }).click();
    await page.getByRole('button', { name: replayShare.make }).click();
    const link = await page.getByRole('textbox', { name: replayShare.link }).inputValue();
    expect(link).toContain('/r/');
    const guest = await stage.visitor('Guest', server);
    await guest.page.goto(link);
    const shared = await new ReplayPage(guest).opened();
    await shared.key('End');
    await untilEqual('the end', seen.at(-1)?.text.trimEnd(), async () => (await shared.text()).trimEnd());
    await page.getByRole('button', { name: replayShare.revoke }).click();
    await page.getByText(replayShare.revoked).waitFor();
    await guest.page.reload();
    await guest.page.getByText(T.link.unknownTitle).waitFor();
    guest.excuse(/status of 40[0-9]/);
  });
});

describe('a bundle', () => {
  it('is read without a network once the page was visited, and moves by keys', async () => {
    const server = await stage.ownServer();
    const visitor = await stage.visitor('Ada', server);
    const { page } = visitor;
    await page.goto(`${visitor.origin}/replay`);
    await shellKept(page);
    await server.kill();
    const replay = await ReplayPage.drop(visitor, golden);
    const first = await replay.text();
    await replay.key('End');
    const last = await replay.text();
    expect(last).not.toBe(first);
    await replay.key('ArrowLeft', 'ArrowLeft', 'ArrowLeft');
    const back = await replay.value();
    await replay.key('ArrowRight', 'ArrowRight', 'ArrowRight');
    await untilEqual('the text of the end', last, () => replay.text());
    await replay.key('.');
    await replay.key('Home');
    expect(await replay.clock()).toBe('0:00');
    await replay.key('.');
    expect(await replay.value()).not.toBe(back);
    expect(await replay.value()).toMatch(/^\d+:\d\d, .+/);
    await replay.key('5');
    expect(Number(await replay.slider.getAttribute('aria-valuenow'))).toBeGreaterThan(0);
    await replay.key('Home', ' ');
    await until('it to play', async () => (await page.getByRole('button', { name: T.pause }).count()) === 1);
    visitor.excuse(networkTrouble);
  });

  it('hides who people are in a blind review, and is usable for everybody', async () => {
    const visitor = await stage.visitor('Ada');
    const replay = await ReplayPage.drop(visitor, golden);
    const { page } = visitor;
    const follow = page.getByRole('combobox', { name: T.followLabel });
    const names = await follow.locator('option').allInnerTexts();
    await page.getByRole('button', { name: T.menu, exact: true }).click();
    await page.getByRole('menuitemcheckbox', { name: T.blind }).click();
    await page.keyboard.press('Escape');
    const blind = await follow.locator('option').allInnerTexts();
    const hidden = names.slice(1, -1);
    expect(hidden.length).toBeGreaterThan(0);
    expect(blind.slice(1, -1).every((name) => /^(Candidate|Interviewer|Observer)( \d)?$/.test(name))).toBe(
      true,
    );
    const body = await page.locator('body').innerText();
    for (const name of hidden) expect(body).not.toContain(name);
    await replay.key('End');
    expect(hidden.some((name) => body.includes(name))).toBe(false);
    await look(visitor, 'replay');
  });

  it('says in one sentence why it does not open', async () => {
    const visitor = await stage.visitor('Ada');
    const { page } = visitor;
    const whole = await readFile(golden);
    const cut = join(tmpdir(), `parley-cut-${process.pid}.zip`);
    const other = join(tmpdir(), `parley-other-${process.pid}.zip`);
    await writeFile(cut, whole.subarray(0, whole.length / 2));
    await writeFile(other, 'no zip at all');
    await page.goto(`${visitor.origin}/replay`);
    await page.locator('input[type=file]').setInputFiles(other);
    await page.getByRole('alert').getByText(replayErrors.notABundle).waitFor();
    await page.locator('input[type=file]').setInputFiles(cut);
    const sentences: string[] = [replayErrors.cut, replayErrors.broken];
    await until('a sentence on what is missing', async () =>
      sentences.includes(await page.getByRole('alert').innerText()),
    );
    await page.locator('input[type=file]').setInputFiles(golden);
    await new ReplayPage(visitor).opened();
  });
});
