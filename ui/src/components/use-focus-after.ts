import { useLayoutEffect, useRef, type RefObject } from 'react';

/** Where the focus goes by default: the main part of the room, or the heading of a page. */
const PLACE = 'main[tabindex], main h1[tabindex]';

/**
 * useFocusAfter moves the focus when the element that holds it goes away, for instance a notice
 * closed by its own button. The focus goes to the first element that `selector` finds, unless
 * something else has taken it.
 */
export function useFocusAfter<E extends HTMLElement>(selector = PLACE): RefObject<E | null> {
  const ref = useRef<E>(null);
  useLayoutEffect(() => {
    const node = ref.current;
    return () => {
      // Layout effects end while the element is still there. Once it is gone, but before anything
      // else can happen: a key pressed in between would go nowhere.
      if (!node?.contains(document.activeElement)) return;
      queueMicrotask(() => {
        if (document.activeElement && document.activeElement !== document.body) return;
        document.querySelector<HTMLElement>(selector)?.focus();
      });
    };
  }, [selector]);
  return ref;
}
