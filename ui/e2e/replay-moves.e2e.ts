import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { replay as T } from '../src/lib/texts/replay';
import type { Visitor } from './support/browser';
import { binary } from './support/paths';
import { bundleOf, EARLY, knownInterview, LATE, PASTED, zipFolder } from './support/recorded-interview';
import { ReplayPage } from './support/replay-page';
import { Stage } from './support/stage';
import { until, untilEqual } from './support/until';

const stage = new Stage();
const write = zipFolder();
let zip = '';

beforeAll(async () => {
  zip = await write('known.zip', bundleOf(knownInterview()));
});

async function opened(visitor?: Visitor): Promise<ReplayPage> {
  return ReplayPage.drop(visitor ?? (await stage.visitor('Eve')), zip);
}

/** Goes to a second of the interview. */
async function to(replay: ReplayPage, second: number): Promise<void> {
  await replay.page.evaluate((t) => (location.hash = `#t=${t}`), second);
  await untilEqual('the moment', String(second), () => replay.slider.getAttribute('aria-valuenow'));
}

const lines = (text: string) => text.trimEnd();

async function choose(replay: ReplayPage, item: string): Promise<void> {
  await replay.page.getByRole('button', { name: T.menu, exact: true }).click();
  await replay.page.getByRole('menuitemcheckbox', { name: item }).click();
  await replay.page.keyboard.press('Escape');
  await replay.page.getByRole('menu').waitFor({ state: 'hidden' });
}

describe('the code of a moment', () => {
  it('runs as it stood then, can be changed, and leaves the replay as it is', async () => {
    const replay = await opened();
    const { page } = replay;
    const open = async () => {
      await page.getByRole('button', { name: T.menu, exact: true }).click();
      await page.getByRole('menuitem', { name: T.runMoment }).click();
      const dialog = page.getByRole('dialog');
      await dialog.locator('.view-lines').first().waitFor();
      return dialog;
    };
    const says = async (second: number, want: string) => {
      await to(replay, second);
      const dialog = await open();
      await dialog.getByRole('button', { name: T.sandbox.run, exact: true }).click();
      const output = dialog.getByRole('group', { name: T.sandbox.output }).getByRole('log');
      await untilEqual(`the output at ${second} s`, want, async () => (await output.innerText()).trim());
      return dialog;
    };
    await says(30, 'early');
    await page.getByRole('button', { name: T.sandbox.close }).click();
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    const dialog = await says(45, 'late');
    await dialog.getByRole('tab', { name: 'main.js' }).waitFor();
    await dialog.locator('.view-lines').first().click();
    await page.keyboard.press('ControlOrMeta+Home');
    // Letters and a space, which are keys of the replay elsewhere.
    await page.keyboard.type("console.log('f r');\n");
    await dialog.getByRole('button', { name: T.sandbox.run, exact: true }).click();
    const output = dialog.getByRole('group', { name: T.sandbox.output }).getByRole('log');
    await untilEqual('what was changed', 'f r\nlate', async () => (await output.innerText()).trim());
    await page.getByRole('button', { name: T.sandbox.close }).click();
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    expect(lines(await replay.text())).toBe(lines(LATE));
    expect(await replay.clock()).toBe('0:45');
    await page.getByRole('button', { name: T.play }).waitFor();
  });
});

describe('following', () => {
  const shown = (replay: ReplayPage) =>
    replay.page.getByRole('tablist', { name: T.files }).getByRole('tab', { selected: true }).innerText();

  it('leads to whoever types, to one person, or nowhere', async () => {
    const replay = await opened();
    const { page } = replay;
    const follow = page.getByRole('combobox', { name: T.followLabel });
    await to(replay, 55);
    expect(await shown(replay)).toBe('main.js');
    await to(replay, 65);
    await untilEqual('the file of whoever types', 'other.js', () => shown(replay));
    await follow.selectOption({ label: 'Ada' });
    await untilEqual("Ada's file", 'main.js', () => shown(replay));
    await to(replay, 62);
    expect(await shown(replay)).toBe('main.js');
    await follow.selectOption({ label: 'Bob' });
    await untilEqual("Bob's file", 'other.js', () => shown(replay));
    await to(replay, 75);
    expect(await shown(replay)).toBe('other.js');
    await page.getByRole('tab', { name: 'main.js' }).click();
    expect(await follow.inputValue()).toBe('');
    await to(replay, 62);
    await to(replay, 65);
    expect(await shown(replay)).toBe('main.js');
    await page.getByRole('tab', { name: T.people }).click();
    await page.getByRole('tabpanel', { name: T.people }).getByRole('button', { name: 'Bob' }).click();
    await untilEqual("Bob's file", 'other.js', () => shown(replay));
    expect(await follow.inputValue()).toBe('bob');
  });

  it('goes round by the key f', async () => {
    const replay = await opened();
    const follow = replay.page.getByRole('combobox', { name: T.followLabel });
    const names: string[] = [];
    const count = await follow.locator('option').count();
    for (let turn = 0; turn < count; turn += 1) {
      await replay.key('f');
      names.push(await follow.locator('option:checked').innerText());
    }
    expect(names).toEqual(['Ada', 'Bob', 'Cyd', T.followNobody, T.followAll]);
  });
});

describe('the bar', () => {
  it('moves by a press and a drag, and says on hover what happened', async () => {
    const replay = await opened();
    const { page, slider } = replay;
    await choose(replay, T.realTime);
    const box = await slider.boundingBox();
    if (!box) throw new Error('the bar is not there');
    const y = box.y + box.height / 2;
    const x = (second: number) => box.x + (box.width * second) / 120;
    const now = async () => Number(await slider.getAttribute('aria-valuenow'));
    await page.mouse.move(x(6), y);
    await page.getByText('0:06, Ada writes', { exact: true }).waitFor();
    await page.mouse.move(x(90), y);
    await page.getByText('1:30, Mark by Bob: ask why', { exact: true }).waitFor();
    await page.mouse.move(x(85), y);
    await page.getByText(`1:25, ${T.nothing}`, { exact: true }).waitFor();
    expect(await now()).toBe(0);
    await page.mouse.move(x(30), y);
    await page.mouse.down();
    await until('the pressed place', async () => Math.abs((await now()) - 30) <= 1);
    expect(lines(await replay.text())).toBe(lines(EARLY));
    await page.mouse.move(x(75), y, { steps: 5 });
    await until('the dragged place', async () => Math.abs((await now()) - 75) <= 1);
    // Past the end of the bar, and off it.
    await page.mouse.move(box.x + box.width + 40, y - 300, { steps: 3 });
    await untilEqual('the end', 120, now);
    await page.mouse.up();
    await page.mouse.move(x(30), y);
    expect(await now()).toBe(120);
    await page.mouse.move(x(30), 5);
    await page.getByText('0:30, ', { exact: false }).waitFor({ state: 'detached' });
  });
});

describe('playing', () => {
  it.each(['1', '2', '4', '8', '16'])('goes on at %s times the speed', async (speed) => {
    const visitor = await stage.visitor('Eve');
    const { page } = visitor;
    // Its clock is ours, so a busy machine plays as fast as an idle one.
    await page.clock.install();
    const replay = await opened(visitor);
    await choose(replay, T.skipIdle);
    await page.getByRole('combobox', { name: T.speed }).selectOption(speed);
    await page.clock.pauseAt(new Date(Date.now() + 60_000));
    await replay.key(' ');
    await page.clock.runFor(5_000);
    await replay.key(' ');
    const [minutes = 0, seconds = 0] = (await replay.clock()).split(':').map(Number);
    const went = minutes * 60 + seconds;
    expect(Math.abs(went - 5 * Number(speed))).toBeLessThanOrEqual(1);
  });

  it('leaves out pauses unless told otherwise, and ends at the end', async () => {
    const visitor = await stage.visitor('Eve');
    const { page } = visitor;
    await page.clock.install();
    const replay = await opened(visitor);
    await page.clock.pauseAt(new Date(Date.now() + 60_000));
    await to(replay, 79);
    await replay.key(' ');
    await page.clock.runFor(5_000);
    await page.getByRole('button', { name: T.play }).waitFor();
    expect(await replay.clock()).toBe('2:00');
    expect(await replay.value()).toBe('2:00, The interview ended');
  });

  it('moves on once a second with reduced motion', async () => {
    const visitor = await stage.visitor('Eve');
    const { page } = visitor;
    await page.emulateMedia({ reducedMotion: 'reduce', colorScheme: 'dark' });
    await page.clock.install();
    const replay = await opened(visitor);
    await page.clock.pauseAt(new Date(Date.now() + 60_000));
    await to(replay, 5);
    const seen = async () => replay.page.evaluate(() => document.querySelector('[role=slider]')?.innerHTML);
    await replay.key(' ');
    await page.clock.runFor(100);
    const first = await seen();
    await page.clock.runFor(800);
    expect(await seen()).toBe(first);
    await page.clock.runFor(300);
    expect(await seen()).not.toBe(first);
    await page.clock.runFor(400);
    await replay.key(' ');
    expect(await replay.clock()).toBe('0:06');
    await to(replay, 69);
    await replay.key('ArrowRight');
    await page.clock.runFor(200);
    const fresh = page.locator('.replay-fresh').first();
    await fresh.waitFor();
    expect(await fresh.evaluate((element) => getComputedStyle(element).animationName)).toBe('none');
  });
});

describe('keys', () => {
  it('step, leap, go to marks and runs, and play', async () => {
    const replay = await opened();
    const { page, slider } = replay;
    const at = async () => Number(await slider.getAttribute('aria-valuenow'));
    await to(replay, 71);
    expect(lines(await replay.text())).toBe(lines(LATE + PASTED));
    await replay.key('ArrowLeft');
    await untilEqual('one edit less', '// Bob was here', async () => lines(await replay.text()));
    await replay.key('ArrowLeft');
    await untilEqual('two edits less', lines(LATE), async () => lines(await replay.text()));
    await replay.key('ArrowRight', 'ArrowRight');
    await untilEqual('all again', lines(LATE + PASTED), async () => lines(await replay.text()));
    await replay.key('Shift+ArrowLeft');
    expect(await at()).toBe(60);
    await replay.key('Shift+ArrowRight', 'Shift+ArrowRight');
    expect(await at()).toBe(80);
    const heard: string[] = [];
    await replay.key('Home');
    for (let turn = 0; turn < 5; turn += 1) {
      await replay.key('.');
      heard.push(await replay.value());
    }
    expect(heard).toEqual([
      '0:20, Ada ran the program: it finished',
      '0:50, Ada ran the program: it failed',
      '1:10, Ada writes main.js',
      '1:30, Mark by Bob: ask why',
      '2:00, The interview ended',
    ]);
    await replay.key(',');
    expect(await replay.value()).toBe('1:30, Mark by Bob: ask why');
    await replay.key('Home', 'r');
    expect(await at()).toBe(20);
    await replay.key('r');
    expect(await at()).toBe(50);
    await replay.key('5');
    expect(await at()).toBe(60);
    await replay.key('End');
    expect(await at()).toBe(120);
    await replay.key(' ');
    await page.getByRole('button', { name: T.pause }).waitFor();
    await replay.key(' ');
    await page.getByRole('button', { name: T.play }).waitFor();
  });

  it('work from anywhere but from fields and menus', async () => {
    const replay = await opened();
    const { page, slider } = replay;
    const at = async () => Number(await slider.getAttribute('aria-valuenow'));
    await page.locator('body').click({ position: { x: 5, y: 5 } });
    await page.keyboard.press('r');
    expect(await at()).toBe(20);
    await page.getByTestId('code-editor').click();
    await page.keyboard.press('r');
    expect(await at()).toBe(50);
    await page.getByRole('combobox', { name: T.speed }).focus();
    await page.keyboard.press('5');
    await page.keyboard.press('r');
    expect(await at()).toBe(50);
    await page.getByRole('button', { name: T.menu, exact: true }).click();
    await page.getByRole('menu').waitFor();
    await page.keyboard.press('r');
    expect(await at()).toBe(50);
  });
});

describe('the slider', () => {
  it('says in words what happens, and how far it goes', async () => {
    const replay = await opened();
    const { slider } = replay;
    expect(await slider.getAttribute('aria-valuemin')).toBe('0');
    expect(await slider.getAttribute('aria-valuemax')).toBe('120');
    const said: string[] = [];
    for (const second of [0, 6, 20, 30, 60, 90, 100, 120]) {
      await to(replay, second);
      said.push(await replay.value());
    }
    expect(said).toEqual([
      '0:00, Bob came in',
      '0:06, Ada writes main.js',
      '0:20, Ada ran the program: it finished',
      '0:30, Nobody types',
      '1:00, Bob writes other.js',
      '1:30, Mark by Bob: ask why',
      '1:40, Nobody types',
      '2:00, The interview ended',
    ]);
  });
});

describe('what changed since the last pause', () => {
  it('is highlighted when asked for, and only while paused', async () => {
    const visitor = await stage.visitor('Eve');
    const { page } = visitor;
    await page.clock.install();
    const replay = await opened(visitor);
    await page.clock.pauseAt(new Date(Date.now() + 60_000));
    const marked = page.locator('.replay-changed');
    await to(replay, 39);
    await replay.key(' ');
    await page.clock.runFor(2_000);
    expect(await marked.count()).toBe(0);
    await replay.key(' ');
    await page.clock.runFor(100);
    expect(await marked.count()).toBe(0);
    await page.getByRole('button', { name: T.menu, exact: true }).click();
    await page.clock.runFor(1_000);
    await page.getByRole('menuitemcheckbox', { name: T.showChanged }).click();
    await page.clock.runFor(1_000);
    await page.keyboard.press('Escape');
    await page.clock.runFor(1_000);
    expect(await marked.count()).toBeGreaterThan(0);
    await replay.key(' ');
    await page.clock.runFor(200);
    expect(await marked.count()).toBe(0);
    await replay.key(' ');
    await page.clock.runFor(200);
    // Nothing was typed between these two pauses.
    expect(await marked.count()).toBe(0);
  });
});

/** `parley replay FILE`; gives where it serves. */
async function served(file: string): Promise<string> {
  const child = spawn(binary, ['replay', file, '--addr', '127.0.0.1:0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(async () => {
    child.kill();
    if (child.exitCode === null) await once(child, 'exit');
  });
  for await (const line of createInterface(child.stdout)) {
    const found = /http:\/\/[\d.:]+/.exec(line);
    if (found) return found[0];
  }
  throw new Error('parley replay said nothing');
}

describe('a link to a moment', () => {
  it('is copied, and opens there', async () => {
    const origin = await served(zip);
    const eve = await stage.visitor('Eve', stage.server, origin);
    await eve.page.goto(`${origin}/replay?bundle`);
    const replay = await new ReplayPage(eve).opened();
    await to(replay, 65);
    await eve.page.getByRole('button', { name: T.menu, exact: true }).click();
    await eve.page.getByRole('menuitem', { name: T.copyLink }).click();
    await eve.page.getByRole('menuitem', { name: T.copied }).waitFor();
    const link = await eve.page.evaluate(() => navigator.clipboard.readText());
    expect(link).toBe(`${origin}/replay?bundle#t=65`);
    const guest = await stage.visitor('Guest', stage.server, origin);
    await guest.page.goto(link);
    const there = await new ReplayPage(guest).opened();
    expect(await there.clock()).toBe('1:05');
    expect(await there.value()).toBe('1:05, Nobody types');
    expect(lines(await there.text())).toBe('// Bob was here');
    await guest.page.getByRole('button', { name: T.play }).waitFor();
  });

  it('is not offered for a file of this device, which nobody else has', async () => {
    const replay = await opened();
    await replay.page.getByRole('button', { name: T.menu, exact: true }).click();
    await replay.page.getByRole('menuitem', { name: T.runMoment }).waitFor();
    expect(await replay.page.getByRole('menuitem', { name: T.copyLink }).count()).toBe(0);
  });
});
