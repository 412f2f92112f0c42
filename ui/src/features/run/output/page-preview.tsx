import { useEffect, useRef } from 'react';
import { TEXTS } from '../../../lib/texts';
import type { Run } from '../../../sync/runs';
import type { FrameMessage } from '../sandbox/frame-message';
import { PreviewHost } from '../sandbox/preview-host';
import classes from './output-panel.module.css';

export interface PagePreviewProps {
  run: Run;
  /** Hears what the page says. */
  onPage: (runId: string, message: FrameMessage) => void;
}

/**
 * PagePreview shows a page that somebody ran. Each browser shows it in its own isolated frame. Only
 * the browser of the person who ran the page records its console.
 */
export function PagePreview({ run, onPage }: PagePreviewProps) {
  const host = useRef<HTMLDivElement>(null);
  const { id, page } = run;
  useEffect(() => {
    if (!host.current || page === null) return undefined;
    const preview = new PreviewHost(host.current, page, (message) => onPage(id, message));
    return () => preview.dispose();
  }, [id, page, onPage]);
  return <div ref={host} className={classes.preview} aria-label={TEXTS.run.preview} role="group" />;
}
