import { useEffect, useMemo, useRef, useState } from 'react';
import classes from './markdown.module.css';

type Render = (text: string) => string;

let loaded: Render | null = null;

/** useRenderer loads the renderer once; null until it is here. */
function useRenderer(): Render | null {
  const [render, setRender] = useState<Render | null>(() => loaded);
  useEffect(() => {
    if (render) return undefined;
    let current = true;
    void import('../lib/markdown').then(({ renderMarkdown }) => {
      loaded = renderMarkdown;
      if (current) setRender(() => renderMarkdown);
    });
    return () => {
      current = false;
    };
  }, [render]);
  return render;
}

/** A text that is typed is drawn again after a rest: a millisecond for this many UTF-16 units. */
const UNITS_PER_MS = 50;

/** useCalm gives a text that changes seldom enough to be drawn each time. */
function useCalm(text: string): string {
  const [calm, setCalm] = useState(text);
  const latest = useRef(text);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => {
    latest.current = text;
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      setCalm(latest.current);
    }, text.length / UNITS_PER_MS);
  }, [text]);
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      timer.current = undefined;
    },
    [],
  );
  return calm;
}

/**
 * Markdown draws a text from an untrusted writer. renderMarkdown says what the result can contain.
 */
export function Markdown({ text }: { text: string }) {
  const render = useRenderer();
  const calm = useCalm(text);
  const html = useMemo(() => (render ? render(calm) : ''), [render, calm]);
  return <div className={classes.markdown} dangerouslySetInnerHTML={{ __html: html }} />;
}
