import { describe, expect, it } from 'vitest';
import { zoneChanges, zoneText } from './ruby-main';

const hour = 3600;
const SPRING = Date.UTC(2024, 2, 31, 1) / 1000;
const AUTUMN = Date.UTC(2024, 9, 27, 1) / 1000;

describe('zoneChanges', () => {
  it('finds to the second when the clocks are set', () => {
    const summer = (at: number) => at >= SPRING && at < AUTUMN;
    const changes = zoneChanges(
      (at) => (summer(at) ? 2 * hour : hour),
      (at) => (summer(at) ? 'CEST' : 'CET'),
    );
    expect(changes.slice(1)).toEqual([
      { at: SPRING, offset: 2 * hour, summer: true, name: 'CEST' },
      { at: AUTUMN, offset: hour, summer: false, name: 'CET' },
    ]);
    expect(zoneText(changes).split('\n')).toEqual([
      '-1000000000000 3600 0 CET',
      `${SPRING} 7200 1 CEST`,
      `${AUTUMN} 3600 0 CET`,
    ]);
  });

  it('knows a zone that never changes', () => {
    expect(zoneText(zoneChanges(() => 0, () => 'UTC'))).toBe('-1000000000000 0 0 UTC'); // prettier-ignore
  });
});
