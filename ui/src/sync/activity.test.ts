import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { IDLE_MS, watchActivity } from './activity';
import { PeopleRecord } from './people-record';
import { PresentPeople } from './presence';

describe('activity', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  const visibility = (state: string) => {
    vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(state as DocumentVisibilityState);
    document.dispatchEvent(new Event('visibilitychange'));
  };

  it('is active with input, idle without, away out of sight', () => {
    const awareness = new Awareness(new Y.Doc());
    const stop = watchActivity(awareness);
    const now = () => awareness.getLocalState()?.activity as string;
    expect(now()).toBe('active');
    vi.advanceTimersByTime(IDLE_MS + 1);
    expect(now()).toBe('idle');
    document.dispatchEvent(new KeyboardEvent('keydown', { key: 'a' }));
    expect(now()).toBe('active');
    visibility('hidden');
    expect(now()).toBe('away');
    visibility('visible');
    expect(now()).toBe('active');
    stop();
    vi.advanceTimersByTime(IDLE_MS + 1);
    expect(now()).toBe('active');
    awareness.destroy();
  });

  it('shows the tab in which a person is most present', () => {
    const awareness = new Awareness(new Y.Doc());
    const tab = (activity: unknown, file: unknown) => ({
      user: { id: 'p', name: 'Ada', role: 'candidate' },
      activity,
      file,
    });
    awareness.states.set(1, tab('away', 'main'));
    awareness.states.set(2, tab('idle', 'helper'));
    awareness.states.set(3, tab('away', 'x'.repeat(65)));
    const people = new PresentPeople(
      awareness,
      'me',
      new PeopleRecord({ id: 'me', name: 'Me', color: '', role: 'candidate' }, true),
    );
    expect(people.getSnapshot().find(({ id }) => id === 'p')).toMatchObject({
      activity: 'idle',
      file: 'helper',
    });
    people.dispose();
    awareness.destroy();
  });
});
