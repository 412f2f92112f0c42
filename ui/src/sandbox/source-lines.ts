import { TraceMap, originalPositionFor } from '@jridgewell/trace-mapping';
import type { Program } from './protocol';

/** sourceMapper turns places in what was made of a program into places in what was written. */
export function sourceMapper({ sourceMap, fileName }: Program): (text: string) => string {
  if (!sourceMap) return (text) => text;
  const map = new TraceMap(sourceMap);
  const place = new RegExp(`${fileName.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}:(\\d+):(\\d+)`, 'g');
  return (text) =>
    text.replace(place, (whole, line: string, column: string) => {
      const found = originalPositionFor(map, { line: Number(line), column: Number(column) - 1 });
      return found.line === null ? whole : `${fileName}:${found.line}:${found.column + 1}`;
    });
}
