/** A program may compute this long; waiting for input does not count. */
export const TIME_LIMIT_MS = 30_000;
/** The program may compute this long for one test. */
export const TEST_LIMIT_MS = 10_000;
/**
 * A compiler may take this long: its first run on a slow machine takes most of a minute for C++.
 */
export const COMPILE_LIMIT_MS = 120_000;
/** After a polite interrupt the program has this long to end before it is killed. */
export const GRACE_MS = 500;
/** Most output kept of a run, in bytes of UTF-8, the note about the cut included. */
export const MAX_OUTPUT_BYTES = 256 * 1024;
