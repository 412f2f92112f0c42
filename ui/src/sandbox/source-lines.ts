import { TraceMap, originalPositionFor } from '@jridgewell/trace-mapping';
import type { Program } from './protocol';

/**
 * sourceMapper turns places in what was made of a program's files into places in what was written.
 */
export function sourceMapper({ sourceMaps }: Pick<Program, 'sourceMaps'>): (text: string) => string {
  const maps = Object.entries(sourceMaps ?? {}).map(([name, map]) => ({ name, map: new TraceMap(map) }));
  return (text) => maps.reduce((mapped, { name, map }) => mapPlaces(mapped, name, map), text);
}

function mapPlaces(text: string, name: string, map: TraceMap): string {
  const place = new RegExp(`\\b${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}:(\\d+):(\\d+)`, 'g');
  return text.replace(place, (whole, line: string, column: string) => {
    const found = originalPositionFor(map, { line: Number(line), column: Number(column) - 1 });
    return found.line === null ? whole : `${name}:${found.line}:${found.column + 1}`;
  });
}
