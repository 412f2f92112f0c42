/** whenText names a moment as this browser's language does. */
export function whenText(time: number): string {
  return new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' }).format(time);
}
