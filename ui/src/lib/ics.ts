/** CalendarEvent is what a calendar needs of an interview. */
export interface CalendarEvent {
  /** The same for every download of one interview, so that a calendar replaces the former one. */
  uid: string;
  title: string;
  description: string;
  url: string;
  start: Date;
  minutes: number;
  /** When the file is made. */
  now: Date;
}

/** Longest line in octets, without its end. Source: RFC 5545, 3.1. */
const MAX_OCTETS = 75;

/**
 * icsOf writes one event as iCalendar. Source: RFC 5545, 3.3.11 (text), 3.1 (lines), 3.3.5 (UTC).
 */
export function icsOf({ uid, title, description, url, start, minutes, now }: CalendarEvent): string {
  const end = new Date(start.getTime() + minutes * 60_000);
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Parley//Interview//EN',
    'METHOD:PUBLISH',
    'BEGIN:VEVENT',
    `UID:${escaped(uid)}`,
    `DTSTAMP:${utc(now)}`,
    `DTSTART:${utc(start)}`,
    `DTEND:${utc(end)}`,
    `SUMMARY:${escaped(title)}`,
    `DESCRIPTION:${escaped(description)}`,
    `URL:${url.replace(/[\r\n]/g, '')}`,
    'END:VEVENT',
    'END:VCALENDAR',
  ];
  return lines.map((line) => `${folded(line)}\r\n`).join('');
}

/** utc gives 20261129T103000Z. */
function utc(time: Date): string {
  return time.toISOString().replace(/[-:]|\.\d+/g, '');
}

function escaped(text: string): string {
  return (
    text
      .replace(/\\/g, '\\\\')
      .replace(/;/g, '\\;')
      .replace(/,/g, '\\,')
      .replace(/\r\n?|\n/g, '\\n')
      // Other control characters are not allowed.
      .replace(/[\u0000-\u001f\u007f]/g, '')
  );
}

/** folded breaks a line so that no part is too long, and no character is cut. */
function folded(line: string): string {
  const encoder = new TextEncoder();
  let out = '';
  let octets = 0;
  for (const character of line) {
    const size = encoder.encode(character).length;
    if (octets + size > MAX_OCTETS) {
      out += '\r\n ';
      octets = 1; // the blank counts
    }
    out += character;
    octets += size;
  }
  return out;
}
