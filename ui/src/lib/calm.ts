/** A page without an editor counts as drawn by then. */
const AT_LATEST_MS = 6_000;
/** Wait after the editor was drawn: the first keys come before work that can wait. */
const AFTER_DRAWN_MS = 400;
const IDLE_WITHIN_MS = 1_500;

let settle: () => void;

/**
 * calm resolves when a person can type into the page. Work that nobody waits for (sandboxes,
 * workers, clocks) starts after it, because it would take the processor from the editor.
 */
export const calm = new Promise<void>((resolve) => {
  settle = resolve;
  setTimeout(resolve, AT_LATEST_MS);
});

/** drawn says that what the page was opened for is on the screen. */
export function drawn(): void {
  setTimeout(() => {
    if (typeof requestIdleCallback === 'function') requestIdleCallback(settle, { timeout: IDLE_WITHIN_MS });
    else settle();
  }, AFTER_DRAWN_MS);
}
