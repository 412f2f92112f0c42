import { describe, expect, test } from 'vitest';
import { icsOf } from './ics';

const event = {
  uid: '0a1b2c3d@parley.example',
  title: 'Backend',
  description: 'Join',
  url: 'https://parley.example/j/7k3d-9xwq-m2va',
  start: new Date('2026-11-30T09:00:00+01:00'),
  minutes: 60,
  now: new Date('2026-11-29T10:31:05.123Z'),
};

/** unfolded reads a calendar as its readers do. */
const unfolded = (ics: string) => ics.replace(/\r\n[ \t]/g, '').split('\r\n');

describe('icsOf', () => {
  test('writes times in UTC and ends every line with CRLF', () => {
    const ics = icsOf(event);
    expect(unfolded(ics)).toEqual([
      'BEGIN:VCALENDAR',
      'VERSION:2.0',
      'PRODID:-//Parley//Interview//EN',
      'METHOD:PUBLISH',
      'BEGIN:VEVENT',
      'UID:0a1b2c3d@parley.example',
      'DTSTAMP:20261129T103105Z',
      'DTSTART:20261130T080000Z',
      'DTEND:20261130T090000Z',
      'SUMMARY:Backend',
      'DESCRIPTION:Join',
      'URL:https://parley.example/j/7k3d-9xwq-m2va',
      'END:VEVENT',
      'END:VCALENDAR',
      '',
    ]);
    expect(ics.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
  });

  test.each([
    ['a; b, c\\d', 'a\\; b\\, c\\\\d'],
    ['one\r\ntwo\rthree\nfour', 'one\\ntwo\\nthree\\nfour'],
    ['BEGIN:VALARM\u0000\u0007', 'BEGIN:VALARM'],
    ['say "hi": é', 'say "hi": é'],
  ])('escapes %j', (title, want) => {
    expect(unfolded(icsOf({ ...event, title }))).toContain(`SUMMARY:${want}`);
  });

  test.each(['x'.repeat(500), 'é'.repeat(300), '😀'.repeat(200), '👩‍💻 a;b, '.repeat(40)])(
    'folds a long title at 75 octets and cuts no character',
    (title) => {
      const ics = icsOf({ ...event, title });
      for (const line of ics.split('\r\n')) {
        expect(new TextEncoder().encode(line).length).toBeLessThanOrEqual(75);
        expect(line).not.toMatch(/\p{Cs}/u);
      }
      const escaped = title.replaceAll(';', '\\;').replaceAll(',', '\\,');
      expect(unfolded(ics)).toContain(`SUMMARY:${escaped}`);
    },
  );

  test('an address cannot add lines', () => {
    expect(unfolded(icsOf({ ...event, url: 'https://a.example/\r\nATTENDEE:x' }))).toContain(
      'URL:https://a.example/ATTENDEE:x',
    );
  });
});
