import { describe, expect, test } from 'vitest';
import { createSession, joinByLink } from './support/api';
import { Peer } from './support/peer';
import { Room } from './support/room';
import { Stage } from './support/stage';
import { until, untilEqual } from './support/until';

const count = (text: string, letter: string) => text.split(letter).length - 1;

describe('two people in one room', () => {
  const stage = new Stage();

  /** Ada creates a session, Bob opens the candidate's link. */
  async function meet(): Promise<[Room, Room]> {
    const [ada, bob] = await Promise.all([stage.visitor('Ada'), stage.visitor('Bob')]);
    const one = await Room.create(ada);
    return [one, await Room.join(bob, await one.inviteLink('candidate'))];
  }

  test('create, invite, join; both type at once and nothing is lost', async () => {
    const [ada, bob] = await meet();
    await ada.replaceAll('// \n// ');
    await bob.shows('// \n// ');

    // Each on a line of their own, and then both in the same place.
    await ada.press('ControlOrMeta+Home', 'End');
    await bob.focus();
    await bob.press('ControlOrMeta+End');
    await Promise.all([ada.type('a'.repeat(60)), bob.type('b'.repeat(60))]);
    const apart = `// ${'a'.repeat(60)}\n// ${'b'.repeat(60)}`;
    await Promise.all([ada.shows(apart), bob.shows(apart)]);

    await Promise.all([ada.press('ControlOrMeta+End'), bob.press('ControlOrMeta+End')]);
    await Promise.all([ada.type('x'.repeat(40)), bob.type('y'.repeat(40))]);
    await until('all letters in both editors', async () => {
      const texts = await Promise.all([ada.text(), bob.text()]);
      return texts.every((text) => text.length === apart.length + 80) && texts[0] === texts[1];
    });
    const final = await ada.text();
    expect([count(final, 'x'), count(final, 'y')]).toEqual([40, 40]);
    await Promise.all([ada.saved(), bob.saved()]);
  });

  test('each sees the other in the list and at the cursor', async () => {
    const [ada, bob] = await meet();
    await ada.replaceAll('first\nsecond');
    await bob.focus();
    await ada.press('ControlOrMeta+Home');
    await untilEqual("the flag in Ada's editor", 'Bob', async () => (await ada.cursorNames()).join());
    await untilEqual("the flag in Bob's editor", 'Ada', async () => (await bob.cursorNames()).join());
    for (const room of [ada, bob]) {
      await until('both names in the list', async () => {
        const names = await room.people.evaluate((list) => `${list.textContent} ${list.innerHTML}`);
        return names.includes('Ada') && names.includes('Bob');
      });
    }
    await bob.visitor.leave();
    await untilEqual("Bob's cursor to go with him", '', async () => (await ada.cursorNames()).join());
  });

  test('undo takes back the own words, not what the other has typed', async () => {
    const [ada, bob] = await meet();
    await ada.replaceAll('const x = 1;');
    await bob.shows('const x = 1;');
    await ada.press('ControlOrMeta+End', 'Enter');
    await ada.type('mine');
    await bob.shows('const x = 1;\nmine');
    await bob.focus();
    await bob.press('ControlOrMeta+Home');
    await bob.type('// theirs ');
    await ada.shows('// theirs const x = 1;\nmine');
    await until('Ada to have taken back her words', async () => {
      await ada.press('ControlOrMeta+z');
      return !(await ada.text()).includes('mine');
    });
    expect(await ada.text()).toContain('// theirs ');
    await bob.shows(await ada.text());
    await ada.press('ControlOrMeta+Shift+z');
    await until('the words to be back', async () => (await bob.text()).includes('// theirs '));
  });

  test('the language is chosen for both', async () => {
    const [ada, bob] = await meet();
    await ada.language.selectOption({ label: 'Python' });
    await untilEqual("the language at Bob's", 'python', () => bob.language.inputValue());
  });

  test('malformed presence of a third does not stop their editors', async () => {
    const { id, invites } = await createSession(stage.server, { code: '-' });
    const [ada, bob] = await Promise.all([stage.visitor('Ada'), stage.visitor('Bob')]);
    const rooms = await Promise.all([Room.join(ada, invites.interviewer), Room.join(bob, invites.candidate)]);
    const third = await joinByLink(stage.server, invites.candidate, 'Mallory');
    const peer = await new Peer(stage.server, id, { token: third.token }).synced();
    try {
      for (const selection of [
        { anchor: {}, head: {} },
        { anchor: 7 },
        'x',
        { anchor: { item: null, tname: 'evil' }, head: {} },
      ]) {
        peer.provider.awareness.setLocalState({
          user: { id: third.participant.id, name: 'Mallory' },
          selection,
        });
      }
      // In order on one connection: once this is there, what came before has been looked at.
      peer.main.insert(0, 'third');
      peer.main.delete(5, 1);
      await rooms[0].shows('third');
      await rooms[1].focus();
      await rooms[1].press('ControlOrMeta+End');
      await rooms[1].type(' second');
      await rooms[0].shows('third second');
      await rooms[0].focus();
      await rooms[0].press('ControlOrMeta+End');
      await rooms[0].type(' first');
      await rooms[1].shows('third second first');
      await untilEqual('the text without a screen', 'third second first', () => peer.main.toString());
    } finally {
      peer.leave();
    }
  });
});
