/**
 * asksForScript tells whether a page has scripts, or what the preview needs one for: forms, and
 * links within the page, which lead elsewhere in a document without an address.
 */
export function asksForScript(html: string): boolean {
  return /<(?:[^\s<>/]*:)?(?:script|form)[\s/>]|[\s"'/]on\w+\s*=|javascript\s*:|href\s*=\s*["']?\s*#/i.test(
    html,
  );
}
