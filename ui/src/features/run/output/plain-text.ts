import { Tamer } from './tame';

/** plainText is output without its colours: what is copied, read aloud and searched. */
export function plainText(text: string): string {
  return new Tamer().tame(text).replace(/\x1b\[[0-9;:]*m/g, '');
}
