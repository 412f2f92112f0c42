/** A program may compute this long; waiting for input does not count. */
export const TIME_LIMIT_MS = 30_000;
/** A compiler may take this long: its first run on a slow machine takes most of a minute for C++. */
export const COMPILE_LIMIT_MS = 120_000;
