import { useEffect, useMemo, useState } from 'react';
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

/**
 * Markdown draws a text from an untrusted writer. renderMarkdown says what the result can contain.
 */
export function Markdown({ text }: { text: string }) {
  const render = useRenderer();
  const html = useMemo(() => (render ? render(text) : ''), [render, text]);
  return <div className={classes.markdown} dangerouslySetInnerHTML={{ __html: html }} />;
}
