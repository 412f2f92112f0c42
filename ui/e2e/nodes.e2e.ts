import { describe, expect, test } from 'vitest';
import { TEXTS } from '../src/lib/texts';
import { networkTrouble, storeTrouble } from './support/browser';
import { Redis } from './support/redis';
import { Room } from './support/room';
import { Stage } from './support/stage';
import { until, untilEqual } from './support/until';

describe('two nodes on one Redis', () => {
  const stage = new Stage();

  test('two browsers on two nodes are in one interview, whatever becomes of Redis or a node', async () => {
    const redis = await Redis.start();
    const flags = ['--store', 'redis', '--redis-url', redis.url];
    const [first, second] = [await stage.ownServer(...flags), await stage.ownServer(...flags)];
    const [one, two, three] = await Promise.all([
      stage.visitor('Ada', first),
      stage.visitor('Bob', second),
      stage.visitor('Cy', first),
    ]);
    const ada = await Room.create(one);
    const link = await ada.inviteLink('candidate');
    const bob = await Room.join(two, link.replace(first.origin, second.origin));

    // They see each other's typing, cursors and presence.
    await ada.replaceAll('// Ada\n// Bob');
    await bob.shows('// Ada\n// Bob');
    await bob.focus();
    await bob.press('ControlOrMeta+End');
    await bob.type(' here');
    await ada.shows('// Ada\n// Bob here');
    await untilEqual('the cursor from the other node', 'Bob', async () => (await ada.cursorNames()).join());
    await Promise.all([ada.saved(), bob.saved()]);
    for (const node of [first, second]) {
      await untilEqual('both online, on every node', 'Ada Bob', () => online(node.origin, ada));
    }

    // Without Redis people on one node go on, and nobody is told that it is saved.
    const cy = await Room.join(three, link);
    await redis.stop();
    await ada.press('ControlOrMeta+Home', 'End');
    await ada.type(' types on');
    await cy.shows('// Ada types on\n// Bob here');
    await until('Ada to be told that it is not saved', async () =>
      (await ada.connection()).includes(TEXTS.connection.saving),
    );
    expect(await bob.text()).toBe('// Ada\n// Bob here');

    // And when it is back all of it is.
    await redis.up();
    await bob.shows('// Ada types on\n// Bob here');
    await Promise.all([ada.saved(), bob.saved(), cy.saved()]);

    // What is saved is not one node's: the other has it when the first is gone.
    await first.kill();
    await bob.press('ControlOrMeta+End');
    await bob.type(', alone');
    await bob.shows('// Ada types on\n// Bob here, alone');
    await bob.saved();
    await first.up();
    await ada.shows('// Ada types on\n// Bob here, alone');
    for (const visitor of [one, two, three]) visitor.excuse(networkTrouble, storeTrouble);
  });
});

/** The names of those who are online, as one node tells it. */
async function online(origin: string, room: Room): Promise<string> {
  const kept = await room.page.evaluate((id) => localStorage.getItem(`parley:session:${id}`), room.id);
  const { token = '' } = JSON.parse(kept ?? '{}') as { token?: string };
  const answer = await fetch(`${origin}/api/v1/sessions/${room.id}/participants`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const { participants } = (await answer.json()) as { participants: { name: string; online: boolean }[] };
  return participants
    .filter((p) => p.online)
    .map((p) => p.name)
    .sort()
    .join(' ');
}
