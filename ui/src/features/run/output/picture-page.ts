import type { Picture } from '../../../sandbox/pictures';
import { MAX_PAGE_UNITS } from './page-source';

const STYLE = `body { margin: 0; padding: 12px; display: flex; flex-wrap: wrap; gap: 12px; background: #fff; }
figure { margin: 0; max-width: 100%; }
img { display: block; max-width: 100%; max-height: calc(100vh - 48px); }
figcaption { margin-top: 4px; color: #4a5263; font: 12px system-ui, sans-serif; }`;

/**
 * picturePage makes a page of the pictures of a run. The page is shown in a preview frame with its
 * own process, because a hostile picture can crash the process that decodes it. null: the pictures
 * are too large to be shared.
 */
export function picturePage(pictures: readonly Picture[]): string | null {
  const figures = pictures.map(
    ({ name, mime, data }) =>
      `<figure><img src="data:${mime};base64,${data}" alt="${escape(name)}"><figcaption>${escape(name)}</figcaption></figure>`,
  );
  const page = `<!doctype html><meta charset="utf-8"><title>Pictures</title><style>${STYLE}</style>${figures.join('')}`;
  return page.length > MAX_PAGE_UNITS ? null : page;
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
}
