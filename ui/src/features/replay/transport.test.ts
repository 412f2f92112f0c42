import { describe, expect, it } from 'vitest';
import { SPEEDS, Transport } from './transport';

function playing(duration: number, idle: { from: number; to: number }[] = []): Transport {
  const transport = new Transport(duration, idle);
  transport.play();
  return transport;
}

describe('Transport', () => {
  it('stands still until it plays, and moves by what passed', () => {
    const transport = new Transport(10_000, []);
    expect(transport.tick(100)).toBe(0);
    transport.play();
    expect(transport.tick(100)).toBe(100);
    transport.pause();
    expect(transport.tick(100)).toBe(100);
  });

  it.each(SPEEDS)('moves %i times as fast', (speed) => {
    const transport = playing(100_000);
    transport.speed = speed;
    expect(transport.tick(16)).toBe(16 * speed);
  });

  it('stops at the end, and begins again from there', () => {
    const transport = playing(300);
    transport.tick(200);
    expect(transport.tick(200)).toBe(300);
    expect(transport.playing).toBe(false);
    transport.play();
    expect(transport.at).toBe(0);
  });

  it('skips what lies between the edges of a pause', () => {
    const transport = playing(100_000, [{ from: 1_000, to: 61_000 }]);
    transport.seek(1_690);
    expect(transport.tick(30)).toBe(60_320);
  });

  it('skips a pause that it was put into the middle of', () => {
    const transport = playing(100_000, [{ from: 1_000, to: 61_000 }]);
    transport.seek(30_000);
    expect(transport.tick(10)).toBe(60_310);
  });

  it('skips several pauses in one frame, and never backwards', () => {
    const transport = playing(100_000, [
      { from: 1_000, to: 11_000 },
      { from: 11_100, to: 21_000 },
    ]);
    transport.speed = 16;
    transport.seek(1_690);
    const at = transport.tick(250);
    expect(at).toBe(20_300 + 4_000 - 10 - (11_800 - 10_300));
    expect(transport.tick(0)).toBe(at);
  });

  it('plays pauses when asked to', () => {
    const transport = playing(100_000, [{ from: 1_000, to: 61_000 }]);
    transport.skipIdle = false;
    transport.seek(30_000);
    expect(transport.tick(10)).toBe(30_010);
  });

  it('takes any number for a moment within the recording', () => {
    const transport = new Transport(1_000, []);
    for (const [given, stands] of [
      [-5, 0],
      [5_000, 1_000],
      [NaN, 0],
      [12.5, 12.5],
    ] as const) {
      transport.seek(given);
      expect(transport.at).toBe(stands);
    }
  });

  it('does not leap over what a hidden tab missed', () => {
    expect(playing(100_000).tick(60_000)).toBe(250);
  });
});
