import { useEffect, useState, type ComponentType, type ReactNode } from 'react';

/** A component in a file of its own, and the way to begin its download before it is shown. */
export interface Lazily<P> {
  Component: ComponentType<P>;
  preload: () => void;
}

/**
 * NotLoaded means that a part of the page did not load: the server is away, or has a new version of
 * the page.
 */
export class NotLoaded extends Error {
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : 'a part of the page did not load', { cause });
  }
}

/**
 * lazily is like React's lazy(), but draws a component that is loaded already at once. lazy() shows
 * its placeholder even then, and keeps it for a third of a second. A failed download is thrown to
 * the next error boundary.
 */
export function lazily<P extends object>(
  load: () => Promise<ComponentType<P>>,
  placeholder: ReactNode = null,
): Lazily<P> {
  let loaded: ComponentType<P> | null = null;
  const begin = async () => (loaded ??= await load());

  function Component(props: P) {
    const [state, setState] = useState<{ Ready?: ComponentType<P>; error?: unknown }>(() =>
      loaded ? { Ready: loaded } : {},
    );
    useEffect(() => {
      if (state.Ready) return undefined;
      let current = true;
      begin().then(
        (Ready) => current && setState({ Ready }),
        (error: unknown) => current && setState({ error }),
      );
      return () => {
        current = false;
      };
    }, [state.Ready]);
    if (state.error !== undefined) throw new NotLoaded(state.error);
    return state.Ready ? <state.Ready {...props} /> : placeholder;
  }

  return { Component, preload: () => void begin().catch(() => undefined) };
}
