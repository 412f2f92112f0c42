/** Most of a page that is shared, in UTF-16 units: the same as for output. */
export const MAX_PAGE_UNITS = 256 * 1024;

/**
 * pageSource puts a page and the session's files that it names into one document, because the
 * preview can load nothing. Style sheets and scripts take the place of their links. null: the page
 * is too large to be shown.
 */
export function pageSource(html: string, files: Record<string, string>): string | null {
  const own = (href: string) => {
    const name = href.replace(/^\.\//, '');
    return Object.hasOwn(files, name) ? (files[name] ?? null) : null;
  };
  const page = html
    .replace(/<link\b[^>]*>/gi, (tag) => {
      const css = /\brel\s*=\s*["']?stylesheet/i.test(tag) ? own(attribute(tag, 'href')) : null;
      return css === null ? tag : `<style>\n${css.replace(/<\/style/gi, '<\\/style')}\n</style>`;
    })
    .replace(/<script\b[^>]*\bsrc\s*=[^>]*>\s*<\/script\s*>/gi, (tag) => {
      const code = own(attribute(tag, 'src'));
      if (code === null) return tag;
      const type = /\btype\s*=\s*["']?module/i.test(tag) ? ' type="module"' : '';
      return `<script${type}>\n${code.replace(/<\/script/gi, '<\\/script')}\n</script>`;
    });
  return page.length > MAX_PAGE_UNITS ? null : page;
}

function attribute(tag: string, name: string): string {
  const found = new RegExp(`\\b${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s>]+))`, 'i').exec(tag);
  return found?.[1] ?? found?.[2] ?? found?.[3] ?? '';
}
