import { useEffect, useRef } from 'react';
import { TEXTS } from '../../../lib/texts';
import type { Run } from '../../../sync/runs';
import { PreviewHost } from '../sandbox/preview-host';
import type { RunController } from '../control/run-controller';
import classes from './output-panel.module.css';

/**
 * PagePreview shows a page that somebody ran, each in their own browser, in a frame that reaches nothing. What it
 * writes to its console is told by whoever ran it.
 */
export function PagePreview({ run, controller }: { run: Run; controller: RunController | null }) {
  const host = useRef<HTMLDivElement>(null);
  const { id, page } = run;
  useEffect(() => {
    if (!host.current || page === null) return undefined;
    const preview = new PreviewHost(host.current, page, (message) => controller?.onPage(id, message));
    return () => preview.dispose();
  }, [id, page, controller]);
  return <div ref={host} className={classes.preview} aria-label={TEXTS.run.preview} role="group" />;
}
