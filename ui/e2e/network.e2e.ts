import { describe, expect, test } from 'vitest';
import { networkTrouble } from './support/browser';
import { Room } from './support/room';
import { Stage } from './support/stage';
import { until, untilEqual } from './support/until';

describe('when the network or the server goes away', () => {
  const stage = new Stage();

  test('offline: both type on, and all of it is there when the network is back', async () => {
    const [one, two] = await Promise.all([stage.visitor('Ada'), stage.visitor('Bob')]);
    const ada = await Room.create(one);
    const bob = await Room.join(two, await ada.inviteLink('candidate'));
    await ada.replaceAll('// start\n// end');
    await bob.shows('// start\n// end');

    await two.context.setOffline(true);
    await bob.offline();
    await bob.focus();
    await bob.press('ControlOrMeta+End');
    await bob.type(' typed offline');
    await ada.press('ControlOrMeta+Home', 'End');
    await ada.type(' typed online');
    expect(await bob.text()).toBe('// start\n// end typed offline');
    await two.context.setOffline(false);
    const merged = '// start typed online\n// end typed offline';
    await Promise.all([ada.shows(merged), bob.shows(merged)]);
    await Promise.all([ada.saved(), bob.saved()]);
    await until('both cursors again', async () => (await ada.cursorNames()).join() === 'Bob');
    two.excuse(networkTrouble);
  });

  test('kill -9 of the server in the middle of typing: nothing is lost and all go on by themselves', async () => {
    const server = await stage.ownServer();
    const [one, two] = await Promise.all([stage.visitor('Ada', server), stage.visitor('Bob', server)]);
    const ada = await Room.create(one);
    const bob = await Room.join(two, await ada.inviteLink('candidate'));
    await ada.replaceAll('// \n// ');
    await bob.shows('// \n// ');
    await ada.press('ControlOrMeta+Home', 'End');
    await bob.focus();
    await bob.press('ControlOrMeta+End');

    const typing = Promise.all([
      ada.page.keyboard.type('a'.repeat(80), { delay: 15 }),
      bob.page.keyboard.type('b'.repeat(80), { delay: 15 }),
    ]);
    await until('some letters to have crossed', async () => (await bob.text()).includes('aaaaaaaa'));
    await server.kill();
    await ada.offline();
    await typing;
    await server.up();

    const all = `// ${'a'.repeat(80)}\n// ${'b'.repeat(80)}`;
    await Promise.all([ada.shows(all), bob.shows(all)]);
    await Promise.all([ada.saved(), bob.saved()]);

    // What "saved" promised holds: another kill, and a browser that has nothing but the link.
    await server.kill();
    await server.up();
    const carl = await stage.visitor('Carl', server);
    const late = await Room.join(carl, await ada.inviteLink('observer'));
    await late.shows(all);
    for (const visitor of [one, two, carl]) visitor.excuse(networkTrouble);
  });

  test('an orderly restart: exit code 0, and the room goes on', async () => {
    const server = await stage.ownServer();
    const one = await stage.visitor('Ada', server);
    const ada = await Room.create(one);
    await ada.replaceAll('// before');
    await ada.saved();
    expect(await server.stop()).toBe(0);
    await ada.offline();
    await server.up();
    await ada.saved();
    await ada.press('ControlOrMeta+End');
    await ada.type(', after');
    await ada.shows('// before, after');
    await ada.saved();
    one.excuse(networkTrouble);
  });

  test('a reload keeps who one is and what was written', async () => {
    const [one, two] = await Promise.all([stage.visitor('Ada'), stage.visitor('Bob')]);
    const ada = await Room.create(one);
    const link = await ada.inviteLink('candidate');
    const bob = await Room.join(two, link);
    await bob.replaceAll('// written by Bob');
    await bob.saved();
    await bob.page.reload();
    await bob.opened();
    await bob.shows('// written by Bob');
    await bob.focus();
    await untilEqual('Bob, once, by his name', 'Bob', async () => (await ada.cursorNames()).join());

    // The same link leads back to the same person, not to a second one.
    await bob.page.goto(link);
    await bob.opened();
    await bob.focus();
    await untilEqual('Bob, still once', 'Bob', async () => (await ada.cursorNames()).join());
    const answer = await fetch(`${stage.server.origin}/api/v1/sessions/${ada.id}`, {
      headers: { authorization: `Bearer ${await tokenOf(ada)}` },
    });
    const { participants } = (await answer.json()) as { participants: { name: string }[] };
    expect(participants.map((p) => p.name).sort()).toEqual(['Ada', 'Bob']);
  });
});

/** The token that this browser keeps for the session. */
async function tokenOf(room: Room): Promise<string> {
  const kept = await room.page.evaluate((id) => localStorage.getItem(`parley:session:${id}`), room.id);
  return (JSON.parse(kept ?? '{}') as { token?: string }).token ?? '';
}
