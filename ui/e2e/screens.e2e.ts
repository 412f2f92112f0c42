import { describe, expect, test } from 'vitest';
import { TEXTS } from '../src/lib/texts';
import { ended } from '../src/lib/texts/ended';
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

const problem = `# Meeting rooms

Given the meetings of one day, each with a \`start\` and an \`end\`, say how many rooms are needed so that nobody has to wait.

- Times are numbers: \`9.5\` is half past nine.
- A room is free at the moment a meeting ends.

\`\`\`js
roomsNeeded([
  { start: 9, end: 10.5 },
  { start: 9.5, end: 11 },
]); // 2
\`\`\`

And if they come one by one?`;

/**
 * Pictures of the room, for the eye and for the README. What can be checked is checked on the way.
 */
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

  test('what stands beside the editor, the way in, and what is left, in light', async () => {
    const [one, two] = await Promise.all([stage.visitor('Ada Lovelace'), stage.visitor('Grace Hopper')]);
    for (const visitor of [one, two]) await visitor.context.addInitScript(lightTheme);
    const ada = await Room.create(one, 'JavaScript', 'Backend interview, round 2');
    const link = await ada.inviteLink('candidate');
    await two.page.goto(link);
    await two.page.getByLabel(TEXTS.lobby.nameLabel).fill('Grace Hopper');
    await two.page.locator('.monaco-editor .view-line').first().waitFor();
    await nothingSticksOut(two);
    await two.screenshot('lobby-light');
    await two.page.getByRole('button', { name: TEXTS.lobby.join }).click();
    const grace = await Room.opened(two);

    await ada.page.getByRole('button', { name: TEXTS.beside.problem.write }).click();
    await ada.page.keyboard.insertText(problem);
    await ada.page.getByText(TEXTS.beside.problem.read, { exact: true }).click();
    await grace.page.getByRole('heading', { name: 'Meeting rooms' }).waitFor();
    await ada.replaceAll(program);
    await grace.runButton.click();
    await ada.outputHas('rooms: 3');
    for (const width of [880, 1024, 1680, 1280]) {
      await ada.page.setViewportSize({ width, height: 800 });
      await nothingSticksOut(one);
      await topBarIsClear(ada);
    }
    await one.screenshot('room-light-problem');

    await ada.page.getByRole('button', { name: TEXTS.session.menu }).click();
    await ada.page.getByRole('menuitem', { name: TEXTS.session.end }).click();
    await ada.page.getByRole('button', { name: TEXTS.session.endConfirm }).click();
    await ada.page.getByRole('heading', { name: ended.code }).waitFor();
    await ada.page.locator('.monaco-editor .view-line').first().waitFor();
    await nothingSticksOut(one);
    await one.screenshot('ended-light');
  });

  test('on a small screen everything can still be reached', async () => {
    const visitor = await stage.visitor('Ada');
    const ada = await Room.create(visitor);
    await ada.replaceAll('console.log("small");');
    await ada.page.setViewportSize({ width: 390, height: 780 });
    await ada.runButton.click();
    await ada.outputHas('small');
    await nothingSticksOut(visitor);
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

/** The sandbox's frame has no storage. */
const lightTheme = () => {
  if (window.top === window) localStorage.setItem('parley:preferences', JSON.stringify({ theme: 'light' }));
};

function nothingSticksOut({ page }: Visitor): Promise<unknown> {
  return until('nothing to stick out to the side', () =>
    page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth),
  );
}

/** Nothing in the bar may lie over anything else, also between a phone and a laptop. */
async function topBarIsClear({ page }: Room): Promise<void> {
  const overlaps = await page
    .locator('header')
    .first()
    .evaluate((bar) => {
      const parts = [...bar.querySelectorAll<HTMLElement>('h1, button, select')].map((part) => ({
        name: part.getAttribute('aria-label') ?? part.textContent,
        box: part.getBoundingClientRect(),
      }));
      const seen = parts.filter(({ box }) => box.width > 0);
      return seen.flatMap(({ name, box }, n) =>
        seen
          .slice(n + 1)
          .filter((other) => box.right > other.box.left + 1 && other.box.right > box.left + 1)
          .map((other) => `${name} / ${other.name}`),
      );
    });
  const width = page.viewportSize()?.width;
  // The button of the people lies behind their discs.
  const unwanted = overlaps.filter((pair) => !pair.includes(TEXTS.people.open(2)));
  expect(unwanted, `at ${width} px`).toEqual([]);
}

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
