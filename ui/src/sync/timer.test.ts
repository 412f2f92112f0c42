import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { ServerClock } from '../lib/server-clock';
import { SharedTimer, pausedTimer, readTimer, resumedTimer, setTimer, shownOf, startedTimer } from './timer';

const MINUTE = 60_000;

describe('timer', () => {
  it('counts down, stands, goes on, and says by how much it is over', () => {
    const running = startedTimer(10 * MINUTE, 1_000);
    expect(shownOf(running, 1_000 + 3 * MINUTE)).toBe(7 * MINUTE);
    const standing = pausedTimer(running, 1_000 + 3 * MINUTE);
    expect(shownOf(standing, 9_999 * MINUTE)).toBe(7 * MINUTE);
    const again = resumedTimer(standing, 100 * MINUTE);
    expect(shownOf(again, 108 * MINUTE)).toBe(-MINUTE);
    expect(resumedTimer(again, 200 * MINUTE)).toBe(again);
  });

  it('counts up from nothing', () => {
    expect(shownOf(startedTimer(0, 5_000), 8_000)).toBe(3_000);
  });

  it('never counts backwards when a clock is behind', () => {
    expect(shownOf(startedTimer(MINUTE, 5_000), 1_000)).toBe(MINUTE);
  });

  it.each([
    ['x'],
    [{}],
    [{ length: -1, at: null, before: 0 }],
    [{ length: 1e12, at: null, before: 0 }],
    [{ length: 1, at: 'now', before: 0 }],
    [{ length: 1, at: null, before: Number.NaN }],
    [null],
  ])('takes %j for no timer', (value) => {
    const doc = new Y.Doc();
    doc.getMap('meta').set('timer', value);
    expect(readTimer(doc)).toBeNull();
  });

  it('is the same for all, and stays one value when two press at once', () => {
    const [a, b] = [new Y.Doc(), new Y.Doc()];
    setTimer(a, startedTimer(15 * MINUTE, 1));
    setTimer(b, pausedTimer(startedTimer(0, 7), 9));
    Y.applyUpdate(a, Y.encodeStateAsUpdate(b));
    Y.applyUpdate(b, Y.encodeStateAsUpdate(a));
    const shared = new SharedTimer(a);
    expect(readTimer(b)).toEqual(readTimer(a));
    expect([15 * MINUTE, 0]).toContain(readTimer(a)?.length);
    let told = 0;
    shared.subscribe(() => told++);
    setTimer(a, null);
    expect([shared.getSnapshot(), told]).toEqual([null, 1]);
    shared.dispose();
  });
});

describe('server clock', () => {
  it('follows the server and not this machine, and trusts the quickest answer', async () => {
    let steady = 0;
    let local = 1_000_000;
    const took = [400, 20, 300];
    let call = 0;
    const clock = new ServerClock({
      steady: () => steady,
      local: () => local,
      serverTime: () => {
        const half = (took[call++] ?? 0) / 2;
        // The way there is quick and the way back slow: half of the whole is a guess that a slow
        // answer spoils.
        steady += half * 0.5;
        const time = 5_000_000 + steady;
        steady += half * 1.5;
        return Promise.resolve(time);
      },
    });
    expect(clock.now()).toBe(1_000_000);
    await clock.look();
    expect(Math.abs(clock.now() - (5_000_000 + steady))).toBeLessThanOrEqual(5);
    local -= 3_600_000;
    steady += 1_000;
    expect(Math.abs(clock.now() - (5_000_000 + steady))).toBeLessThanOrEqual(5);
  });

  it('stays as it was when the server does not answer', async () => {
    const clock = new ServerClock({
      steady: () => 0,
      local: () => 42,
      serverTime: () => Promise.reject(new Error('away')),
    });
    await clock.look();
    expect(clock.now()).toBe(42);
  });
});
