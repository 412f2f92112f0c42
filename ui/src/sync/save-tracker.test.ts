import { describe, expect, it } from 'vitest';
import { SaveTracker } from './save-tracker';

/** A tracker whose connection has carried its step 2, and whose server has stored that. */
function connected(): SaveTracker {
  const tracker = new SaveTracker();
  tracker.connecting();
  tracker.sent('step2');
  tracker.stored(1);
  return tracker;
}

describe('SaveTracker', () => {
  it('has nothing to save before anything was changed', () => {
    expect(new SaveTracker().saved).toBe(true);
  });

  it('does not take sent for saved', () => {
    const tracker = connected();
    tracker.changed();
    tracker.sent('update');
    expect(tracker.saved).toBe(false);
  });

  it('is saved once the server has stored as many messages as were sent', () => {
    const tracker = connected();
    tracker.changed();
    tracker.sent('update');
    tracker.stored(2);
    expect(tracker.saved).toBe(true);
  });

  it('waits for the newest of several changes', () => {
    const tracker = connected();
    for (let i = 0; i < 3; i++) {
      tracker.changed();
      tracker.sent('update');
    }
    tracker.stored(3);
    expect(tracker.saved).toBe(false);
    tracker.stored(4);
    expect(tracker.saved).toBe(true);
  });

  it('stays unsaved over a reconnect until step 2 has carried what was lost, and that is stored', () => {
    const tracker = connected();
    tracker.changed();
    tracker.connecting();
    tracker.changed();
    tracker.sent('update');
    tracker.stored(1);
    expect(tracker.saved).toBe(false);
    tracker.sent('step2');
    tracker.stored(1);
    expect(tracker.saved).toBe(false);
    tracker.stored(2);
    expect(tracker.saved).toBe(true);
  });

  it('does not count what an earlier connection sent', () => {
    const tracker = connected();
    tracker.changed();
    tracker.sent('update');
    tracker.connecting();
    tracker.sent('step2');
    tracker.stored(0);
    expect(tracker.saved).toBe(false);
    tracker.stored(1);
    expect(tracker.saved).toBe(true);
  });
});
