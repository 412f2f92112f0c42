import { calmMarks } from './stacked';
import { Tamer } from './tame';

/**
 * plainText is output without its colours, and without what was wiped: what is copied, read aloud
 * and searched.
 */
export function plainText(text: string): string {
  return calmMarks(new Tamer().tame(text))
    .replace(/^[^\n]*\r\x1b\[[02]?K/gm, '')
    .replace(/\x1b\[[0-9;:]*[mK]/g, '');
}
