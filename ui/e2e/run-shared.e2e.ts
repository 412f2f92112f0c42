import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { TEXTS } from '../src/lib/texts';
import { createSession, joinByLink } from './support/api';
import { look } from './support/look';
import { Peer } from './support/peer';
import { Room } from './support/room';
import { Stage } from './support/stage';
import { until } from './support/until';

describe('an observer', () => {
  const stage = new Stage();

  test('sees the output and has nothing to run with', async () => {
    const [one, two] = await Promise.all([stage.visitor('Ada'), stage.visitor('Olga')]);
    const ada = await Room.create(one);
    const olga = await Room.join(two, await ada.inviteLink('observer'));
    await ada.run('JavaScript', 'console.log("for all to see");');
    await olga.outputHas('for all to see');
    expect(await olga.runButton.count()).toBe(0);
    await olga.focus();
    await olga.press('Control+Enter');
    // What the observer did, if anything, would be there before this.
    await ada.run('JavaScript', 'console.log("the second");');
    await olga.outputHas('the second');
    expect(await ada.page.getByRole('combobox', { name: TEXTS.run.earlier }).locator('option').count()).toBe(
      2,
    );
  });

  test('who writes a run past the page is not heard', async () => {
    const created = await createSession(stage.server);
    const { token } = await joinByLink(stage.server, created.invites.observer, 'Olga');
    const olga = await new Peer(stage.server, created.id, { token }).synced();
    const ada = await new Peer(stage.server, created.id, { token: created.token }).synced();
    const run = (id: string) => {
      const map = new Y.Map<unknown>();
      for (const [key, value] of Object.entries({ id, by: 'x', status: 'ok', output: new Y.Text('forged') }))
        map.set(key, value);
      return map;
    };
    olga.doc.getArray('runs').push([run('forged')]);
    ada.doc.getArray('runs').push([run('real')]);
    const late = await new Peer(stage.server, created.id, { token: created.token }).synced();
    const ids = (peer: Peer) => peer.doc.getArray<Y.Map<unknown>>('runs').map((entry) => entry.get('id'));
    await until('the real run to arrive', () => ids(late).includes('real'));
    expect(ids(late)).toEqual(['real']);
    expect(ids(ada)).toEqual(['real']);
    for (const peer of [olga, ada, late]) peer.leave();
  });
});

describe('tests of a session', () => {
  const stage = new Stage();
  const sum = 'a, b = map(int, input().split())\nprint(a - b)\n';

  test('are written by the interviewer, run by the candidate, hidden until then', async () => {
    const [one, two] = await Promise.all([stage.visitor('Ada'), stage.visitor('Bob')]);
    const ada = await Room.create(one, 'Python');
    const bob = await Room.join(two, await ada.inviteLink('candidate'));
    expect(await bob.page.getByRole('button', { name: /^Tests/ }).count()).toBe(0);

    await addTest(ada, { name: 'Small', input: '2 1', expected: '3' });
    await addTest(ada, { name: 'Nothing', input: '0 0', expected: '0' });
    await addTest(ada, { name: 'Secret', input: '40 2', expected: '42 is the secret', hidden: true });
    await addTest(ada, { name: 'Code', code: 'assert a - b == 0, "difference"' });
    await look(one, 'tests-dialog', { phone: false });
    await ada.press('Escape');

    await bob.page.getByRole('button', { name: TEXTS.tests.open(4) }).click();
    const dialog = bob.page.getByRole('dialog', { name: TEXTS.tests.title });
    await dialog.getByText('Nothing').waitFor();
    expect(await dialog.innerText()).not.toContain('42');
    await two.screenshot('tests-dialog-candidate');
    await bob.press('Escape');
    await dialog.waitFor({ state: 'hidden' });

    await bob.enter('Python', sum);
    await bob.page.getByRole('button', { name: TEXTS.tests.open(4) }).click();
    await dialog.getByRole('button', { name: TEXTS.tests.run }).click();
    await Promise.all([ada, bob].map((room) => room.outputHas(TEXTS.tests.passed(1, 4), 60_000)));
    const report = await ada.output();
    expect(report).toMatch(/✗ Small failed\s+- 3 expected\s+\+ 1 written/);
    expect(report).toContain('✓ Nothing passed');
    expect(report).toContain('✗ Secret failed');
    expect(report).not.toContain('42 is the secret');
    await two.screenshot('tests-report');

    await bob.enter('Python', sum.replace('a - b', 'a + b'));
    await bob.page.getByRole('button', { name: TEXTS.tests.open(4) }).click();
    await dialog.getByRole('button', { name: TEXTS.tests.run }).click();
    await ada.outputHas(TEXTS.tests.passed(2, 4), 60_000);
  });

  interface Written {
    name: string;
    input?: string;
    expected?: string;
    code?: string;
    hidden?: boolean;
  }

  /** Adds one to those that are there, in the dialog, which stays open. */
  async function addTest({ page }: Room, test: Written): Promise<void> {
    const dialog = page.getByRole('dialog', { name: TEXTS.tests.title });
    if (!(await dialog.isVisible())) await page.getByRole('button', { name: /^Tests/ }).click();
    await dialog.getByRole('button', { name: TEXTS.tests.add }).click();
    const form = dialog.getByRole('group').last();
    await form.getByLabel(TEXTS.tests.name, { exact: true }).fill(test.name);
    if (test.code) await form.getByText(TEXTS.tests.kinds.code).click();
    if (test.input) await form.getByLabel(TEXTS.tests.input, { exact: true }).fill(test.input);
    const expected = test.code ? TEXTS.tests.code : TEXTS.tests.expected;
    await form.getByLabel(expected, { exact: true }).fill(test.code ?? test.expected ?? '');
    if (test.hidden) await form.getByRole('switch').check({ force: true });
  }
});
