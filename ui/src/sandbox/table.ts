import { columnsOf } from './text-width';

/** More rows than this say nothing to a person. */
const MAX_ROWS = 200;
/** A cell may have this many characters: a longer one would push all others off the screen. */
const MAX_CELL = 1000;

/** A value as its database writes it; null: there is none. */
export type Cell = string | null;

/**
 * formatTable draws a result in a frame. Values are as the database's own client writes them: a
 * line end in one begins a line of the cell, marked as psql marks it. right says which columns are
 * numbers.
 */
export function formatTable(
  columns: readonly string[],
  rows: readonly (readonly Cell[])[],
  right: readonly boolean[] = [],
): string {
  const shown = rows.slice(0, MAX_ROWS).map((row) => columns.map((_, i) => linesOf(row[i] ?? null)));
  const head = columns.map(linesOf);
  const widths = columns.map((_, i) =>
    Math.max(...[head, ...shown].flatMap((row) => (row[i] ?? []).map(columnsOf))),
  );
  const rule = (left: string, middle: string, end: string) =>
    left + widths.map((w) => '─'.repeat(w + 2)).join(middle) + end;
  const row = (cells: readonly string[][], numbers: readonly boolean[]) => {
    const height = Math.max(1, ...cells.map((lines) => lines.length));
    return Array.from({ length: height }, (_, line) => {
      const texts = cells.map((lines, i) => {
        const more = line + 1 < lines.length ? '↵' : ' ';
        return ` ${pad(lines[line] ?? '', widths[i] ?? 0, numbers[i] ?? false)}${more}`;
      });
      return `│${texts.join('│')}│`;
    });
  };
  const out = [
    rule('┌', '┬', '┐'),
    ...row(head, []),
    rule('├', '┼', '┤'),
    ...shown.flatMap((cells) => row(cells, right)),
    rule('└', '┴', '┘'),
  ];
  const rest = rows.length - shown.length;
  out.push(
    `${rows.length} row${rows.length === 1 ? '' : 's'}${rest > 0 ? `, ${rest} of them not shown` : ''}`,
  );
  return `${out.join('\n')}\n`;
}

/** What a control character would do to the screen is not done; it is named, as psql names it. */
function linesOf(cell: Cell): string[] {
  if (cell === null) return ['NULL'];
  const text = cell.length > MAX_CELL ? `${cell.slice(0, MAX_CELL - 1)}…` : cell;
  return text.split('\n').map((line) =>
    line
      .replace(/\t/g, '    ')
      .replace(/\r/g, '\\r')
      .replace(
        /[\x00-\x1f\x7f]/g,
        (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}`,
      ),
  );
}

function pad(text: string, columns: number, right: boolean): string {
  const space = ' '.repeat(Math.max(0, columns - columnsOf(text)));
  return right ? space + text : text + space;
}
