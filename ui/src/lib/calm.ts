/** A page without an editor is at rest by then. */
const AT_LATEST_MS = 6_000;
/** After the editor was drawn: the first keys come before all that can wait. */
const AFTER_DRAWN_MS = 400;
const IDLE_WITHIN_MS = 1_500;

let settle: () => void;

/**
 * calm comes when the page that was opened is there to be typed into. What nobody waits for begins
 * after it: sandboxes, workers, clocks would take the processor from the editor.
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
