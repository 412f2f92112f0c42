/** Languages that the editor can format: those that Monaco brings a formatter for. */
const FORMATTED: ReadonlySet<string> = new Set([
  'javascript',
  'typescript',
  'json',
  'html',
  'css',
  'scss',
  'less',
]);

/** canFormat says whether a file in that language can be formatted here. */
export function canFormat(language: string): boolean {
  return FORMATTED.has(language);
}
