import { useEffect, useMemo, useRef } from 'react';
import type * as Y from 'yjs';
import { FONTS, preferences } from '../../../lib/preferences';
import { useReadable } from '../../../lib/use-readable';
import { useTheme } from '../../../lib/use-theme';
import { TEXTS } from '../../../lib/texts';
import { outputOf, type OutputPart } from '../../../sync/runs';
import type { OutputTerminal } from './terminal';
import { plainText } from './plain-text';
import classes from './output-panel.module.css';

/**
 * OutputView draws a run's output in a terminal, and also as plain text: for screen readers, and
 * for pages whose terminal did not load. In both it is text, never markup.
 */
export function OutputView({ output, finished }: { output: Y.Text; finished: boolean }) {
  const readable = useMemo(() => outputOf(output), [output]);
  const parts = useReadable(readable);
  const host = useTerminal(parts);
  return (
    <div className={classes.view}>
      <div ref={host} className={classes.terminal} aria-hidden="true" />
      <pre className={classes.plain} role="log" aria-live="off" aria-label={TEXTS.run.program} tabIndex={0}>
        {parts.length === 0 && finished && TEXTS.run.emptyOutput}
        {plainText(parts.map(({ text }) => text).join(''))}
      </pre>
      {parts.length === 0 && finished && (
        <p className={classes.silent} aria-hidden="true">
          {TEXTS.run.emptyOutput}
        </p>
      )}
    </div>
  );
}

/** The terminal lives as long as its element. Its code is loaded with the first output. */
function useTerminal(parts: readonly OutputPart[]) {
  const host = useRef<HTMLDivElement>(null);
  const terminal = useRef<OutputTerminal | null>(null);
  const latest = useRef(parts);
  const theme = useTheme();
  const { font } = useReadable(preferences);
  const firstTheme = useRef(theme);

  useEffect(() => {
    latest.current = parts;
    terminal.current?.show(parts);
  }, [parts]);

  useEffect(() => {
    firstTheme.current = theme;
    terminal.current?.setTheme(theme);
  }, [theme]);

  useEffect(() => {
    let gone = false;
    void import('./terminal').then(({ OutputTerminal: Made }) => {
      if (gone || !host.current) return;
      terminal.current = new Made(host.current, firstTheme.current, FONTS[font]);
      terminal.current.show(latest.current);
    });
    return () => {
      gone = true;
      terminal.current?.dispose();
      terminal.current = null;
    };
  }, [font]);
  return host;
}
