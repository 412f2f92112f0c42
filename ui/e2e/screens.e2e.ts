import { describe, expect, test } from 'vitest';
import { TEXTS } from '../src/lib/texts';
import { Room } from './support/room';
import type { Visitor } from './support/browser';
import { Stage } from './support/stage';
import { until, untilEqual } from './support/until';

const program = `// How many rooms does a day of meetings need?
function roomsNeeded(meetings) {
  const edges = meetings.flatMap(({ start, end }) => [
    { at: start, change: +1 },
    { at: end, change: -1 },
  ]);
  edges.sort(
    (a, b) => a.at - b.at || a.change - b.change,
  );

  let open = 0;
  let most = 0;
  for (const { change } of edges) {
    open += change;
    most = Math.max(most, open);
  }
  return most;
}

const day = [
  { start: 9, end: 10.5 },
  { start: 9.5, end: 11 },
  { start: 10, end: 12 },
  { start: 11, end: 12 },
];
console.log('rooms:', roomsNeeded(day));
console.log('empty day:', roomsNeeded([]));`;

/** Pictures of the room, for the eye and for the README. What can be checked is checked on the way. */
describe('the room, as it looks', () => {
  const stage = new Stage();

  test('two people, their cursors, and a run', async () => {
    const [one, two] = await Promise.all([stage.visitor('Ada Lovelace'), stage.visitor('Grace Hopper')]);
    const ada = await Room.create(one, 'JavaScript', 'Backend interview, round 2');
    await one.screenshot('room-empty');
    await ada.page.getByRole('button', { name: TEXTS.room.share }).click();
    await ada.page.getByRole('dialog').waitFor();
    await one.screenshot('share');
    await ada.press('Escape');

    const grace = await Room.join(two, await ada.inviteLink('candidate'), TEXTS.lobby.colorName(1));
    await ada.replaceAll(program);
    await grace.shows(program);
    await grace.runButton.click();
    await ada.outputHas('rooms: 3');
    await ada.outputHas('empty day: 0');

    for (const room of [ada, grace]) await room.page.setViewportSize({ width: 880, height: 740 });
    await ada.focus();
    await ada.press('ControlOrMeta+Home', ...Array<string>(10).fill('ArrowDown'), 'End');
    await grace.focus();
    await grace.press('ControlOrMeta+Home', ...Array<string>(14).fill('ArrowDown'), 'End', 'ArrowLeft');
    for (let i = 0; i < 'Math.max(most, open)'.length; i++) await grace.press('Shift+ArrowLeft');
    // Flags stay up for two seconds after a move: one more each, now that both are in place.
    await Promise.all([
      ada.press('ArrowLeft', 'ArrowRight'),
      grace.press('Shift+ArrowRight', 'Shift+ArrowLeft'),
    ]);
    await Promise.all([
      untilEqual("the flag at Ada's", 'Grace Hopper', async () => (await ada.cursorNames()).join()),
      untilEqual("the flag at Grace's", 'Ada Lovelace', async () => (await grace.cursorNames()).join()),
    ]);
    await Promise.all([ada.flagsUp(), grace.flagsUp()]);
    const both = await Promise.all([one.screenshot('room-ada'), two.screenshot('room-grace')]);
    await Promise.all([ada.saved(), grace.saved()]);
    await sideBySide(await stage.visitor('Nobody'), both);
  });

  test('on a small screen everything can still be reached', async () => {
    const visitor = await stage.visitor('Ada');
    const ada = await Room.create(visitor);
    await ada.replaceAll('console.log("small");');
    await ada.page.setViewportSize({ width: 390, height: 780 });
    await ada.runButton.click();
    await ada.outputHas('small');
    await until('nothing to stick out to the side', () =>
      ada.page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth),
    );
    await visitor.screenshot('room-phone');
    expect(await ada.page.getByRole('button', { name: TEXTS.room.share }).isVisible()).toBe(true);
  });

  test('a program that fails, one that runs, and no server', async () => {
    const server = await stage.ownServer();
    const visitor = await stage.visitor('Ada', server);
    const ada = await Room.create(visitor, 'Python');
    await ada.replaceAll('def half(n):\n    return n / 0\n\nprint("one moment")\nhalf(2)');
    await ada.runButton.click();
    await ada.outputHas('ZeroDivisionError');
    await visitor.screenshot('run-failed');
    await ada.replaceAll('while True: pass');
    await ada.runButton.click();
    await ada.stopButton.waitFor();
    await visitor.screenshot('run-running');
    await ada.stopButton.click();
    await ada.runButton.waitFor();
    await server.kill();
    await ada.offline();
    await visitor.screenshot('room-offline');
    visitor.excuse(/./);
  });
});

/** Puts two screenshots beside each other, as two windows: the picture of the README. */
async function sideBySide(visitor: Visitor, shots: Buffer[]): Promise<void> {
  const { page } = visitor;
  const images = shots.map((shot) => `<img src="data:image/png;base64,${shot.toString('base64')}">`);
  await page.setViewportSize({ width: 1820, height: 782 });
  await page.setContent(`<style>
    body { margin: 0; display: flex; gap: 20px; padding: 20px; background: #1b1f2a }
    img { border: 1px solid #343b4c; border-radius: 10px; box-sizing: border-box; width: 880px }
  </style>${images.join('')}`);
  await page.waitForFunction(() => [...document.images].every((image) => image.complete));
  await visitor.screenshot('two-people');
}
