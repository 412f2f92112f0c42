import { describe, expect, it } from 'vitest';
import { Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { PresentPeople, presentUser } from './presence';

const user = (id: string, name = id) => ({ user: { id, name, color: '#ff0000', role: 'candidate' } });

describe('presentUser', () => {
  it.each([
    [null],
    [{}],
    [{ user: 'x' }],
    [{ user: { id: '' } }],
    [{ user: { id: 7 } }],
    [{ user: { id: 'x'.repeat(65) } }],
  ])('refuses %j', (state) => {
    expect(presentUser(state)).toBeNull();
  });

  it('makes hostile values harmless', () => {
    const shown = presentUser({
      user: { id: 'p1', name: '\u202Eevil\u0000name', color: 'red;} body{display:none', role: 'root' },
    });
    expect(shown).toMatchObject({ id: 'p1', name: 'evilname', role: 'observer' });
    expect(shown?.color).toMatch(/^#[0-9a-f]{6}$/);
  });
});

describe('PresentPeople', () => {
  it('lists each participant once, oneself first', () => {
    const awareness = new Awareness(new Y.Doc());
    awareness.setLocalState(user('me'));
    const people = new PresentPeople(awareness, 'me');
    awareness.states.set(1, user('zoe'));
    awareness.states.set(2, user('ada'));
    awareness.states.set(3, user('ada'));
    awareness.emit('change', [{ added: [1, 2, 3], updated: [], removed: [] }, 'test']);
    expect(people.getSnapshot().map(({ id, self }) => [id, self])).toEqual([
      ['me', true],
      ['ada', false],
      ['zoe', false],
    ]);
    awareness.destroy();
  });

  it('keeps its snapshot when only a cursor moved', () => {
    const awareness = new Awareness(new Y.Doc());
    awareness.setLocalState(user('me'));
    const people = new PresentPeople(awareness, 'me');
    const before = people.getSnapshot();
    awareness.setLocalStateField('selection', { anchor: 1, head: 2 });
    expect(people.getSnapshot()).toBe(before);
    people.dispose();
    awareness.destroy();
  });
});
