import * as Y from 'yjs';
import { Alignment } from './alignment';

/**
 * Origin of changes that belong to nobody and are never undone.
 */
export const MEND_ORIGIN = 'mend';

/** PlainText is a shared text as an editor can show it. */
export interface PlainText {
  shown: string;
  alignment: Alignment;
  /** It has something that no text of ours has: what is not text, or other line ends. */
  foreign: boolean;
}

/**
 * plainText reads a shared text. Anybody may put objects, values and formats into it: they are
 * left out. A line ends with "\n" only, so "\r\n" and a lone "\r" are shown as "\n". A byte order
 * mark at the start is left out.
 */
export function plainText(text: Y.Text): PlainText {
  const full = text.toString();
  if (full.length === text.length && !/\r|^\uFEFF/.test(full)) {
    return { shown: full, alignment: Alignment.equal(full.length), foreign: hasFormats(text) };
  }
  const pieces: { kind: 'both' | 'hidden'; length: number }[] = [];
  const strings: string[] = [];
  const hide = (length: number) => pieces.push({ kind: 'hidden', length });
  let offset = 0;
  for (const item of itemsOf(text)) {
    if (!(item.content instanceof Y.ContentString)) {
      if (item.countable) hide(item.length);
      continue;
    }
    for (const part of item.content.str.split(/(\r)/)) {
      const [from, to] = [offset, offset + part.length];
      offset = to;
      if (part === '\r' && full.charAt(to) === '\n') hide(1);
      else if (from === 0 && part.startsWith('\uFEFF')) {
        hide(1);
        pieces.push({ kind: 'both', length: part.length - 1 });
        strings.push(part.slice(1));
      } else {
        pieces.push({ kind: 'both', length: part.length });
        strings.push(part === '\r' ? '\n' : part);
      }
    }
  }
  return { shown: strings.join(''), alignment: new Alignment(pieces), foreign: true };
}

/**
 * mendText deletes what is not text from a shared text, and "\r" and a byte order mark as well.
 * Several people may do so at once, because deleting twice is deleting once. A lone "\r" stays: it
 * has to be replaced, see mendReturns.
 */
export function mendText(text: Y.Text): void {
  const foreign = itemsOf(text).filter(({ content }) => !(content instanceof Y.ContentString));
  const marks = [...text.toString().matchAll(/\r(?=\n)|^\uFEFF/g)].map(({ index }) => index);
  if (foreign.length === 0 && marks.length === 0) return;
  text.doc?.transact((transaction) => {
    for (const item of foreign) item.delete(transaction);
    for (const index of marks.reverse()) text.delete(index, 1);
  }, MEND_ORIGIN);
}

/** hasReturns says whether a lone "\r" stands for a line end. */
export function hasReturns(text: Y.Text): boolean {
  return text.toString().includes('\r');
}

/** mendReturns makes line ends of lone "\r". When two people do it at once, there are two. */
export function mendReturns(text: Y.Text): void {
  const found = [...text.toString().matchAll(/\r(?!\n)/g)].map(({ index }) => index);
  text.doc?.transact(() => {
    for (const index of found.reverse()) {
      text.delete(index, 1);
      text.insert(index, '\n');
    }
  }, MEND_ORIGIN);
}

function itemsOf(text: Y.Text): Y.Item[] {
  const items: Y.Item[] = [];
  for (let item = text._start; item; item = item.right) if (!item.deleted) items.push(item);
  return items;
}

function hasFormats(text: Y.Text): boolean {
  return itemsOf(text).some(({ content }) => content instanceof Y.ContentFormat);
}
