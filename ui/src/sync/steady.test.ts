import { describe, expect, it } from 'vitest';
import { Value } from '../lib/readable';
import type { ConnectionState } from './room-connection';
import { steady } from './steady';

describe('steady', () => {
  it('stays what it is while a live connection saves', () => {
    const connection = new Value<ConnectionState>({ status: 'live', saved: true });
    const state = steady(connection);
    const before = state.getSnapshot();
    connection.set({ status: 'live', saved: false });
    expect(state.getSnapshot()).toBe(before);
  });

  it('follows everything else', () => {
    const connection = new Value<ConnectionState>({ status: 'connecting' });
    const state = steady(connection);
    const next: ConnectionState[] = [
      { status: 'live', saved: true },
      { status: 'offline', retryAt: 1, saved: true, loaded: true },
      { status: 'offline', retryAt: 1, saved: false, loaded: true },
      { status: 'refused', lost: [], reason: 'read only' },
      { status: 'ended', code: 4410, lost: [] },
    ];
    for (const expected of next) {
      connection.set(expected);
      expect(state.getSnapshot()).toBe(expected);
    }
  });
});
