/** Longest link that the server takes. */
export const MAX_CALL_URL = 2000;

/** isCallUrl says whether a link may lead to a call, as the server sees it. */
export function isCallUrl(text: string): boolean {
  const link = text.trim();
  if (link.length > MAX_CALL_URL || /[\s\\]/.test(link)) return false;
  try {
    const url = new URL(link);
    return /^https?:$/.test(url.protocol) && /^https?:\/\//i.test(link) && !url.username && !url.password;
  } catch {
    return false;
  }
}
