import { describe, expect, it } from 'vitest';
import { Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { PeopleRecord, claimOf, type KnownPerson } from './people-record';
import { PresentPeople, tellQuiet } from './presence';

const user = (id: string, name = id, role = 'candidate', color = '#ff0000') => ({
  user: { id, name, color, role },
});
const known = (id: string, name: string, role: KnownPerson['role'] = 'candidate'): KnownPerson => ({
  id,
  name,
  role,
  color: '#112233',
});

describe('claimOf', () => {
  it.each([
    [null],
    [{}],
    [{ user: 'x' }],
    [{ user: { id: '' } }],
    [{ user: { id: 7 } }],
    [{ user: { id: 'x'.repeat(65) } }],
  ])('refuses %j', (state) => {
    expect(claimOf(state)).toBeNull();
  });

  it('makes hostile values harmless', () => {
    const shown = claimOf({
      user: { id: 'p1', name: '\u202Eevil\u0000name', color: 'red;} body{display:none', role: 'root' },
    });
    expect(shown).toMatchObject({ id: 'p1', name: 'evilname', role: 'observer' });
    expect(shown?.color).toMatch(/^#[0-9a-f]{6}$/);
  });
});

function presence(claims: boolean) {
  const awareness = new Awareness(new Y.Doc());
  awareness.setLocalState(user('me'));
  const record = new PeopleRecord(known('me', 'Grace', 'interviewer'), claims);
  const people = new PresentPeople(awareness, 'me', record);
  const say = (client: number, state: Record<string, unknown>) => {
    awareness.states.set(client, state);
    awareness.emit('change', [{ added: [client], updated: [], removed: [] }, 'test']);
  };
  return { awareness, record, people, say };
}

describe('PresentPeople', () => {
  it('lists each participant once, oneself first', () => {
    const { people, say } = presence(true);
    say(1, user('zoe'));
    say(2, user('ada'));
    say(3, user('ada'));
    expect(people.getSnapshot().map(({ id, self }) => [id, self])).toEqual([
      ['me', true],
      ['ada', false],
      ['zoe', false],
    ]);
  });

  it('keeps its snapshot when only a cursor moved', () => {
    const { people, awareness } = presence(true);
    const before = people.getSnapshot();
    awareness.setLocalStateField('selection', { anchor: 1, head: 2 });
    expect(people.getSnapshot()).toBe(before);
  });

  it('names people as the record has them, whatever they say', () => {
    const { people, record, say } = presence(false);
    record.set([known('me', 'Grace', 'interviewer'), known('bob', 'Bob')], false);
    say(1, user('bob', 'Ada Lovelace (lead)', 'interviewer'));
    expect(people.getSnapshot()[1]).toMatchObject({ name: 'Bob', role: 'candidate', color: '#112233' });
    expect(people.doubts.getSnapshot()).toContain('bob Ada Lovelace (lead)');
  });

  it('doubts the record each time somebody else begins or ends a quiet time', () => {
    const { awareness, people, record, say } = presence(false);
    record.set([known('me', 'Grace', 'interviewer'), known('bob', 'Bob')], false);
    awareness.setLocalState(user('me', 'Grace', 'interviewer', '#112233'));
    const bob = user('bob', 'Bob', 'candidate', '#112233');
    for (const state of [bob, { ...bob, quiet: 'x' }, { ...bob, quiet: { a: 1 } }, { ...bob, quiet: 1.5 }]) {
      say(1, state);
      expect(people.doubts.getSnapshot()).toBe('');
    }
    say(1, { ...bob, quiet: 1 });
    const first = people.doubts.getSnapshot();
    say(1, { ...bob, quiet: 2 });
    expect(new Set(['', first, people.doubts.getSnapshot()]).size).toBe(3);
    say(1, bob);
    tellQuiet(awareness);
    expect(awareness.getLocalState()?.quiet).toBeGreaterThan(0);
    expect(people.doubts.getSnapshot()).toBe('');
  });

  it('shows whom the record does not have as a guest, and with open access as they say', () => {
    for (const claims of [false, true]) {
      const { people, say } = presence(claims);
      say(1, user('eve', 'Ada', 'interviewer'));
      expect(people.getSnapshot()[1]).toMatchObject(
        claims ? { name: 'Ada', role: 'interviewer' } : { name: 'Guest', role: 'observer' },
      );
    }
  });

  it('lists no endless number of people', () => {
    const { people, say } = presence(true);
    for (let i = 0; i < 500; i++) say(i + 1, user(`p${i}`));
    expect(people.getSnapshot()).toHaveLength(200);
  });
});
