/** How long a condition may take before a test gives up on it, in milliseconds. */
export const patience = 20_000;

const pause = 25;

/**
 * Polls until `probe` gives something other than undefined, null or false, and returns it.
 * An error of the probe counts as "not yet"; the last one becomes the cause when time is up.
 */
export async function until<T>(
  what: string,
  probe: () => T | Promise<T>,
  limit = patience,
): Promise<NonNullable<T>> {
  const deadline = Date.now() + limit;
  let last: unknown;
  for (;;) {
    try {
      const got = await probe();
      if (got !== undefined && got !== null && got !== false) return got;
      last = undefined;
    } catch (err) {
      last = err;
    }
    if (Date.now() > deadline) throw new Error(`waited ${limit} ms for ${what}`, { cause: last });
    await new Promise((wake) => setTimeout(wake, pause));
  }
}

/** Polls until `probe` gives `want`, and says what it gave instead when it never does. */
export async function untilEqual<T>(
  what: string,
  want: T,
  probe: () => T | Promise<T>,
  limit = patience,
): Promise<void> {
  let got: T | undefined;
  try {
    await until(what, async () => (got = await probe()) === want || undefined, limit);
  } catch (err) {
    throw new Error(`${what}: got ${JSON.stringify(got)}, want ${JSON.stringify(want)}`, { cause: err });
  }
}
