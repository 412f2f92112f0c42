import { inspect, type ShowPromise } from './inspect';
import { columnsOf } from './text-width';

/** consoleTable draws what console.table does in a terminal; null: the value has no rows. */
export function consoleTable(data: unknown, wanted: unknown, show: ShowPromise): string | null {
  if (typeof data !== 'object' || data === null) return null;
  const cell = (value: unknown) => inspect(value, show).replace(/\n\s*/g, ' ');
  const { index, rows } = rowsOf(data);
  const bare = rows.some(({ value }) => !isRecord(value));
  const keys = rows.flatMap(({ value }) => (isRecord(value) ? Object.keys(value) : []));
  const columns: string[] = Array.isArray(wanted) ? wanted.map(String) : [...new Set(keys)];
  const keyed = rows.some(({ key }) => key !== undefined);
  const head = [
    index,
    ...(keyed ? ['Key'] : []),
    ...(keyed ? [] : columns),
    ...(bare || keyed ? ['Values'] : []),
  ];
  const lines = rows.map(({ name, key, value }) => {
    if (keyed) return [name, cell(key), cell(value)];
    const record = isRecord(value) ? (value as Record<string, unknown>) : null;
    const cells = columns.map((column) =>
      record && Object.hasOwn(record, column) ? cell(record[column]) : '',
    );
    return [name, ...cells, ...(bare ? [record ? '' : cell(value)] : [])];
  });
  return draw(head, lines);
}

interface Row {
  name: string;
  key?: unknown;
  value: unknown;
}

function rowsOf(data: object): { index: string; rows: Row[] } {
  if (data instanceof Map) {
    const rows = [...data].map(([key, value], i) => ({
      name: String(i),
      key: key as unknown,
      value: value as unknown,
    }));
    return { index: '(iteration index)', rows };
  }
  if (data instanceof Set)
    return {
      index: '(iteration index)',
      rows: [...data].map((value, i) => ({ name: String(i), value: value as unknown })),
    };
  return {
    index: '(index)',
    rows: Object.entries(data).map(([name, value]) => ({ name, value: value as unknown })),
  };
}

function isRecord(value: unknown): value is object {
  return (typeof value === 'object' || typeof value === 'function') && value !== null;
}

function draw(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map(
    (name, i) => Math.max(...[name, ...rows.map((row) => row[i] ?? '')].map(columnsOf)) + 2,
  );
  const rule = (left: string, middle: string, right: string) =>
    left + widths.map((width) => '─'.repeat(width)).join(middle) + right;
  const line = (cells: readonly string[]) =>
    `│${cells.map((text, i) => ` ${text}${' '.repeat((widths[i] ?? 0) - columnsOf(text) - 1)}`).join('│')}│`;
  return [rule('┌', '┬', '┐'), line(head), rule('├', '┼', '┤'), ...rows.map(line), rule('└', '┴', '┘')].join(
    '\n',
  );
}
