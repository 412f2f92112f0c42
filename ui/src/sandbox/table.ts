/** More rows than this say nothing to a person. */
const MAX_ROWS = 200;
const MAX_CELL = 80;

/** formatTable draws a result as a terminal client does, with numbers to the right. */
export function formatTable(columns: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const shown = rows.slice(0, MAX_ROWS).map((row) => columns.map((_, i) => cell(row[i])));
  const widths = columns.map((name, i) => Math.max(width(name), ...shown.map((row) => width(row[i] ?? ''))));
  const numeric = columns.map((_, i) => rows.length > 0 && rows.every((row) => isNumber(row[i])));
  const rule = (left: string, middle: string, right: string) =>
    left + widths.map((w) => '─'.repeat(w + 2)).join(middle) + right;
  const line = (cells: readonly string[], right: readonly boolean[]) =>
    `│${cells.map((text, i) => ` ${pad(text, widths[i] ?? 0, right[i] ?? false)} `).join('│')}│`;
  const out = [
    rule('┌', '┬', '┐'),
    line(columns.map(clean), []),
    rule('├', '┼', '┤'),
    ...shown.map((row) => line(row, numeric)),
    rule('└', '┴', '┘'),
  ];
  const rest = rows.length - shown.length;
  out.push(
    `${rows.length} row${rows.length === 1 ? '' : 's'}${rest > 0 ? `, ${rest} of them not shown` : ''}`,
  );
  return `${out.join('\n')}\n`;
}

function isNumber(value: unknown): boolean {
  return value === null || value === undefined || typeof value === 'number' || typeof value === 'bigint';
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  if (value instanceof Uint8Array)
    return `x'${Array.from(value.subarray(0, 20), hex).join('')}${value.length > 20 ? '…' : ''}'`;
  if (value instanceof Date)
    return value
      .toISOString()
      .replace('T', ' ')
      .replace(/(\.000)?Z$/, '');
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  const oneLine = clean(text);
  return oneLine.length > MAX_CELL ? `${oneLine.slice(0, MAX_CELL - 1)}…` : oneLine;
}

const hex = (byte: number) => byte.toString(16).padStart(2, '0');

function clean(text: string): string {
  return text.replace(/\r?\n/g, '⏎').replace(/\t/g, ' ');
}

/** Columns on a screen: most of East Asia's characters take two. */
function width(text: string): number {
  let columns = 0;
  for (const char of text)
    columns +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u.test(
        char,
      )
        ? 2
        : 1;
  return columns;
}

function pad(text: string, columns: number, right: boolean): string {
  const space = ' '.repeat(Math.max(0, columns - width(text)));
  return right ? space + text : text + space;
}
