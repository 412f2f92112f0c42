/** needsBreaks tells whether this browser is WebKit. Those that are like it say Chrome. */
export function needsBreaks(agent = globalThis.navigator?.userAgent ?? ''): boolean {
  return /AppleWebKit\//.test(agent) && !/\b(Chrome|Chromium)\//.test(agent);
}
