import { describe, expect, test } from 'vitest';
import { TEXTS } from '../src/lib/texts';
import { TIME_LIMIT_MS } from '../src/features/run/control/limits';
import { Room } from './support/room';
import { Stage } from './support/stage';
import { until } from './support/until';

describe('a program that goes too far', () => {
  const stage = new Stage();

  test('in memory: ends with a message, and both can type meanwhile', { timeout: 300_000 }, async () => {
    const [one, two] = await Promise.all([stage.visitor('Ada'), stage.visitor('Bob')]);
    const ada = await Room.create(one);
    const bob = await Room.join(two, await ada.inviteLink('candidate'));
    const devtools = await one.context.newCDPSession(ada.page);
    // Objects, which the heap's own limit is for: the browser gives bytes outside of it as long as
    // the machine has some.
    const code =
      'const all = [];\nconsole.log("taking");\nfor (;;) all.push({ list: new Array(1000).fill({}) });';
    await ada.run('JavaScript', code);
    await bob.outputHas('taking');
    await ada.focus();
    await ada.press('Control+End');
    await ada.type('// still here');
    await bob.shows(`${code}// still here`);
    await bob.focus();
    await bob.press('Control+End');
    await bob.type(' too');
    await ada.shows(`${code}// still here too`);
    await until(
      'the end of the run to be told',
      async () => /used up its memory|Out of memory|time limit/.test(await bob.output()),
      200_000,
    );
    // Playwright takes the page for crashed when a frame of it is, and lets none of its new frames
    // begin. For people it goes on.
    const seen = async (expression: string) =>
      String((await devtools.send('Runtime.evaluate', { expression })).result.value);
    await bob.type(', both');
    await until('the other to see that', async () =>
      /both/.test(await seen(`document.querySelector('.view-lines').textContent`)),
    );
    expect(await seen(`document.querySelector('[aria-keyshortcuts^="Control+Enter"]').textContent`)).toBe(
      TEXTS.run.run,
    );
    one.excuse(/crash/i);
  });

  test('in time: is stopped with a message, and waiting for input does not count', async () => {
    const room = await Room.create(await stage.visitor('Ada'));
    await room.page.clock.install();
    await room.run('JavaScript', 'prompt("name?");\nconsole.log("turning");\nfor (;;) {}');
    await room.outputHas('name?');
    await room.page.clock.fastForward(10 * TIME_LIMIT_MS);
    await room.input.fill('Ada');
    await room.press('Enter');
    await room.outputHas('turning');
    await room.page.clock.fastForward(TIME_LIMIT_MS);
    await room.outputHas(TEXTS.run.timeLimit(TIME_LIMIT_MS / 1000));
    await room.runButton.waitFor();
  });
});
