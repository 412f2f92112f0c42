/** Most of a page that is shared, in UTF-16 units: as much as of an output. */
export const MAX_PAGE_UNITS = 256 * 1024;

type Files = Record<string, string>;

/**
 * pageSource makes one document of a page and the session's files that it names: the preview can
 * load nothing, so style sheets, scripts, modules and pictures are put where they are asked for.
 * null: it is too large to be shown.
 */
export function pageSource(html: string, files: Files): string | null {
  const late: string[] = [];
  const modules = new Set<string>();
  const page = html
    .replace(/<link\b[^>]*>/gi, (tag) => styleOf(tag, files))
    .replace(
      /(<style\b[^>]*>)([\s\S]*?)(<\/style\s*>)/gi,
      (_, open: string, css: string, close: string) => open + ownCss(css, files) + close,
    )
    .replace(
      /(<script\b([^>]*)>)([\s\S]*?)<\/script\s*>/gi,
      (tag, open: string, attributes: string, inside: string) => {
        const isModule = /\btype\s*=\s*["']?module/i.test(attributes);
        const code = ownFile(attribute(open, 'src'), files);
        if (code === null) return isModule ? `${open}${ownImports(inside, files, modules)}</script>` : tag;
        const kept = attributes.replace(
          /\s(src|defer|async)(\s*=\s*("[^"]*"|'[^']*'|[^\s>]+))?(?=[\s/>]|$)/gi,
          '',
        );
        const text = (isModule ? ownImports(code, files, modules) : code).replace(
          /<\/script/gi,
          '<\\/script',
        );
        const script = `<script${kept}>\n${text}\n</script>`;
        // A script that waits for the page, by `defer`, has the whole page before it.
        if (isModule || !/\sdefer\b/i.test(attributes)) return script;
        late.push(script);
        return '';
      },
    )
    .replace(/<(?:img|image|source|input|video|object)\b[^>]*>/gi, (tag) => ownPictures(tag, files));
  const whole = withMap(withLate(page, late.join('\n')), modulesMap(files, modules));
  return whole.length > MAX_PAGE_UNITS ? null : whole;
}

function attribute(tag: string, name: string): string {
  const found = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s>]+))`, 'i').exec(tag);
  return found?.[1] ?? found?.[2] ?? found?.[3] ?? '';
}

function nameOf(address: string): string {
  return address
    .trim()
    .replace(/^\.\//, '')
    .replace(/[?#].*$/, '');
}

function ownFile(address: string, files: Files): string | null {
  const name = nameOf(address);
  return Object.hasOwn(files, name) ? (files[name] ?? null) : null;
}

function styleOf(tag: string, files: Files): string {
  const css = /\brel\s*=\s*["']?stylesheet/i.test(tag) ? ownFile(attribute(tag, 'href'), files) : null;
  if (css === null) return tag;
  const media = attribute(tag, 'media').replace(/"/g, '&quot;');
  return `<style${media ? ` media="${media}"` : ''}>\n${css.replace(/<\/style/gi, '<\\/style')}\n</style>`;
}

/** Sheets that a sheet imports, and pictures that it shows. */
function ownCss(css: string, files: Files, path: readonly string[] = []): string {
  return css
    .replace(
      /@import\s+(?:url\(\s*)?["']?([^"')\s;]+)["']?\s*\)?\s*([^;]*);/gi,
      (rule, address: string, media: string) => {
        const name = nameOf(address);
        const sheet = path.includes(name) ? null : ownFile(address, files);
        if (sheet === null) return rule;
        const text = ownCss(sheet, files, [...path, name]);
        return media.trim() ? `@media ${media.trim()} {\n${text}\n}` : text;
      },
    )
    .replace(/url\(\s*["']?([^"')]+)["']?\s*\)/gi, (whole, address: string) => {
      const picture = pictureOf(address, files);
      return picture === null ? whole : `url("${picture}")`;
    });
}

function ownPictures(tag: string, files: Files): string {
  return tag.replace(
    /(\s(?:src|href|xlink:href|poster|data)\s*=\s*)("[^"]*"|'[^']*'|[^\s>]+)/gi,
    (whole, head: string, value: string) => {
      const picture = pictureOf(value.replace(/^["']|["']$/g, ''), files);
      return picture === null ? whole : `${head}"${picture}"`;
    },
  );
}

/** Files of a session are texts, so its pictures are SVG. */
function pictureOf(address: string, files: Files): string | null {
  const text = /\.svg$/i.test(nameOf(address)) ? ownFile(address, files) : null;
  return text === null ? null : `data:image/svg+xml,${encodeURIComponent(text).replace(/'/g, '%27')}`;
}

/** Names of modules among themselves: an address that only the page's own map knows. */
const MODULE = 'file:///';

/**
 * ownImports gives imports of the session's files a name that the map has, and notes which are
 * needed.
 */
function ownImports(code: string, files: Files, needed: Set<string>): string {
  return code.replace(
    /(\b(?:from|import)\s*\(?\s*)(["'])\.\/([^"']+)\2/g,
    (whole, head: string, _quote, address: string) => {
      const name = [address, `${address}.js`].find((one) => Object.hasOwn(files, one));
      if (name === undefined) return whole;
      needed.add(name);
      return `${head}"${MODULE}${name}"`;
    },
  );
}

function modulesMap(files: Files, needed: Set<string>): string {
  if (needed.size === 0) return '';
  const imports: Record<string, string> = {};
  // It grows while it is gone through, by what modules need.
  for (const name of needed)
    imports[MODULE + name] =
      `data:text/javascript,${encodeURIComponent(ownImports(files[name] ?? '', files, needed))}`;
  return `<script type="importmap">${JSON.stringify({ imports })}</script>`;
}

/** The map stands before all scripts. */
function withMap(page: string, map: string): string {
  if (map === '') return page;
  const head = /<head\b[^>]*>|<html\b[^>]*>|<!doctype[^>]*>/gi;
  let at = 0;
  for (const found of page.matchAll(head)) at = found.index + found[0].length;
  return page.slice(0, at) + map + page.slice(at);
}

function withLate(page: string, scripts: string): string {
  if (scripts === '') return page;
  const end = page.search(/<\/body\s*>(?![\s\S]*<\/body\s*>)/i);
  return end < 0 ? page + scripts : page.slice(0, end) + scripts + page.slice(end);
}
