import { useEffect, useMemo, useRef } from 'react';
import type * as Y from 'yjs';
import { useReadable } from '../../lib/use-readable';
import { TEXTS } from '../../lib/texts';
import { outputOf } from '../../sync/runs';
import classes from './output-panel.module.css';

/** Within this many pixels of the end, new output keeps the end in view. */
const STICKY_PX = 40;

/** OutputView shows a run's output as text, never as markup, and follows it unless one scrolled up. */
export function OutputView({ output, finished }: { output: Y.Text; finished: boolean }) {
  const readable = useMemo(() => outputOf(output), [output]);
  const parts = useReadable(readable);
  const view = useRef<HTMLPreElement>(null);
  const following = useRef(true);

  useEffect(() => {
    if (view.current && following.current) view.current.scrollTop = view.current.scrollHeight;
  }, [parts]);

  const onScroll = () => {
    const box = view.current;
    if (box) following.current = box.scrollHeight - box.scrollTop - box.clientHeight < STICKY_PX;
  };

  return (
    <pre
      ref={view}
      className={classes.output}
      role="log"
      aria-live="off"
      aria-label={TEXTS.run.program}
      tabIndex={0}
      onScroll={onScroll}
    >
      {parts.length === 0 && finished && <span className={classes.silent}>{TEXTS.run.emptyOutput}</span>}
      {parts.map(({ text, stream }, index) => (
        <span key={index} className={stream === 'stdout' ? undefined : classes[stream]}>
          {text}
        </span>
      ))}
    </pre>
  );
}
