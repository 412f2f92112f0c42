import { describe, expect, it } from 'vitest';
import { BINS } from '../../replay/replay';
import { BarScale, barsPath, binAt } from './bar-scale';

const IDLE = [{ from: 10_000, to: 110_000 }];

describe('BarScale', () => {
  it('is the plain share of the time when pauses keep their length', () => {
    const scale = new BarScale(120_000, IDLE, false);
    expect(scale.place(60_000)).toBeCloseTo(0.5);
    expect(scale.timeAt(0.25)).toBeCloseTo(30_000);
  });

  it('makes pauses thin, and gives their room to the rest', () => {
    const scale = new BarScale(120_000, IDLE, true);
    expect(scale.place(110_000) - scale.place(10_000)).toBeCloseTo(1_200 / 21_200);
    expect(scale.place(10_000)).toBeCloseTo(10_000 / 21_200);
  });

  it.each([true, false])('leads back to the moment (compressed: %s)', (compressed) => {
    const scale = new BarScale(120_000, IDLE, compressed);
    for (let at = 0; at <= 120_000; at += 1_371) expect(scale.timeAt(scale.place(at))).toBeCloseTo(at, 3);
  });

  it('never goes backwards', () => {
    const scale = new BarScale(
      50_000,
      [
        { from: 0, to: 4_000 },
        { from: 20_000, to: 30_000 },
        { from: 46_000, to: 50_000 },
      ],
      true,
    );
    let last = -1;
    for (let at = 0; at <= 50_000; at += 250) {
      expect(scale.place(at)).toBeGreaterThanOrEqual(last);
      last = scale.place(at);
    }
    expect(scale.place(0)).toBe(0);
    expect(scale.place(50_000)).toBe(1);
  });

  it('takes what lies outside for its ends, and a recording without length', () => {
    const scale = new BarScale(1_000, [], true);
    expect([scale.place(-5), scale.place(5_000)]).toEqual([0, 1]);
    expect([scale.timeAt(-1), scale.timeAt(2)]).toEqual([0, 1_000]);
    expect(new BarScale(0, [], true).place(0)).toBe(0);
  });
});

describe('barsPath', () => {
  it('draws a bar for each part in which something happened', () => {
    const counts = new Uint16Array(BINS);
    counts[0] = 4;
    counts[BINS - 1] = 1;
    const scale = new BarScale(60_000, [], true);
    const path = barsPath(counts, { scale, duration: 60_000, height: 20, most: 4 });
    expect(path.match(/M/g)).toHaveLength(2);
    expect(path).toContain('M0 20V0H');
    expect(path).toContain('V10H');
  });
});

describe('binAt', () => {
  it('finds the part of a moment, at the very end too', () => {
    expect([binAt(0, 6_000), binAt(3_000, 6_000), binAt(6_000, 6_000), binAt(0, 0)]).toEqual([
      0, 300, 599, 0,
    ]);
  });
});
